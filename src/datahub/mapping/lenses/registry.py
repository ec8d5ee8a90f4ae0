"""Which lens a call means, with its inputs by name; calls that fit no lens are refused when the mapping is compiled."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from datahub.mapping.lenses.conditions import CONDITIONS
from datahub.mapping.lenses.grel import ALIASES
from datahub.mapping.lenses.lens import SEVERITY, Arguments, Lens
from datahub.mapping.lenses.numbers import NUMBERS
from datahub.mapping.lenses.text import TEXT
from datahub.mapping.lenses.values import VALUES
from datahub.mapping.model import FN_OUT, Call, Constant, Expression
from datahub.mapping.problems import problem
from datahub.rdf.terms import FN

LENSES: dict[str, Lens] = {lens.iri: lens for lens in (*TEXT, *NUMBERS, *VALUES, *CONDITIONS)}
"""datahub's own functions by IRI."""


@dataclass(frozen=True)
class Resolved:
    """A call with its lens: ``inputs`` by parameter name, ``constants`` the fixed ones among them with their defaults."""

    lens: Lens
    inputs: Mapping[str, Expression]
    constants: Mapping[str, str]
    severity: str

    @property
    def value(self) -> Expression | None:
        """The input that an inverse gives back."""
        return self.inputs.get("value")


def resolve(call: Call, where: str = "") -> Resolved:
    """The lens of ``call``.

    Raises `DefinitionError` for a function, parameter or output that does not exist, and for a parameter that is missing or
    has to be constant.
    """
    lens, names, outputs = _find(call, where)
    if call.output is not None and call.output not in outputs:
        raise problem(
            "mapping-function",
            where,
            f"the function {lens.name} has no output “{call.output}”.",
            f"la fonction {lens.name} n'a pas de sortie « {call.output} ».",
        )
    inputs: dict[str, Expression] = {}
    for parameter, value in call.inputs:
        name = names.get(parameter)
        known = lens.parameter(name) if name else None
        if name is None or known is None:
            raise problem(
                "mapping-function",
                where,
                f"the function {lens.name} has no parameter “{parameter}”; it has {', '.join(names.values())}.",
                f"la fonction {lens.name} n'a pas de paramètre « {parameter} » ; elle a {', '.join(names.values())}.",
            )
        if known.fixed and not isinstance(value, Constant):
            raise problem(
                "mapping-function",
                where,
                f"the parameter {name} of {lens.name} has to be a constant.",
                f"le paramètre {name} de {lens.name} doit être une constante.",
            )
        inputs[name] = value
    return _complete(lens, inputs, where)


def _complete(lens: Lens, inputs: dict[str, Expression], where: str) -> Resolved:
    constants = {p.name: p.default for p in lens.parameters if p.default is not None}
    for name, value in inputs.items():
        if isinstance(value, Constant):
            constants[name] = value.term.lexical
    for parameter in lens.parameters:
        if parameter.required and parameter.name not in inputs and parameter.name not in constants:
            raise problem(
                "mapping-function",
                where,
                f"the function {lens.name} needs its parameter {parameter.name}.",
                f"la fonction {lens.name} demande son paramètre {parameter.name}.",
            )
    severity = constants.pop(SEVERITY, "violation")
    if severity not in ("violation", "warning", "info"):
        raise problem(
            "mapping-function",
            where,
            f"fn:severity is violation, warning or info, not “{severity}”.",
            f"fn:severity vaut violation, warning ou info, pas « {severity} ».",
        )
    found = Resolved(lens, {k: v for k, v in inputs.items() if k != SEVERITY}, constants, severity)
    _try(found, where)
    return found


def _try(resolved: Resolved, where: str) -> None:
    """Runs the lens once, so that a pattern, factor or format that can't be used is told now and not in the midst of a push."""
    lens = resolved.lens
    columns = {name: pl.col("v") for name, value in resolved.inputs.items() if not isinstance(value, Constant)}
    arguments = Arguments(columns, resolved.constants)
    sample = pl.DataFrame({"v": ["1", None]}, schema={"v": pl.String})
    try:
        sample.select(lens.forward(arguments))
        if lens.inverse is not None:
            sample.select(lens.inverse(pl.col("v"), arguments))
    except (pl.exceptions.PolarsError, ValueError, ArithmeticError):
        given = ", ".join(f"{name} = “{value}”" for name, value in resolved.constants.items())
        raise problem(
            "mapping-function",
            where,
            f"the function {lens.name} can't be used with {given}.",
            f"la fonction {lens.name} ne peut pas être utilisée avec {given}.",
        ) from None


def _find(call: Call, where: str) -> tuple[Lens, dict[str, str], frozenset[str]]:
    """The lens, its parameter names by IRI, and its outputs."""
    alias = ALIASES.get(call.function)
    if alias is not None:
        return alias.lens, dict(alias.parameters), alias.outputs
    lens = LENSES.get(call.function)
    if lens is not None:
        names = {FN + p.name: p.name for p in lens.parameters} | {FN + SEVERITY: SEVERITY}
        return lens, names, frozenset({FN_OUT})
    near = difflib.get_close_matches(call.name, [known.name for known in LENSES.values()], 1)
    hint, conseil = (f" Did you mean fn:{near[0]}?", f" Vouliez-vous dire fn:{near[0]} ?") if near else ("", "")
    raise problem(
        "mapping-function",
        where,
        f"the function <{call.function}> is unknown.{hint}",
        f"la fonction <{call.function}> est inconnue.{conseil}",
    )
