"""How one expression is read back: from the lexical form of a term to the cells of the columns that it was made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass

import polars as pl

from datahub.i18n import Text
from datahub.mapping import iri
from datahub.mapping.lenses import Arguments, Codes, Resolved
from datahub.mapping.model import Call, Constant, Expression, Reference, Template, TermMap, TermType, references

Function = Callable[[pl.Expr, Codes], pl.Expr]

CONSTANT = ("constant", Text("It is always the same and needs no column.", "C'est toujours pareil, sans colonne."))
DERIVED = (
    "derived",
    Text(
        "It is computed from the column and can't be read back.",
        "C'est calculé depuis la colonne, sans retour possible.",
    ),
)
NAMELESS = (
    "derived",
    Text("It only tells blank nodes apart.", "Elle ne fait que distinguer des nœuds anonymes."),
)
CONDITION = ("condition", Text("The column only decides.", "La colonne ne fait que décider."))


@dataclass(frozen=True)
class Inversion:
    """How ``column`` is read back: ``before`` on each value, then the values joined by ``separator``, then ``after`` on the cell.

    ``separator`` is null where the cell holds one value; ``several``: the cell is a list of values (JSON, XML).
    ``loss``: the reason where ``before`` gives null.
    """

    column: str
    before: Function
    after: Function | None = None
    separator: str | None = None
    several: bool = False
    loss: str = "unreadable"


def invert(term_map: TermMap, calls: Dict[Call, Resolved]) -> tuple[list[Inversion], tuple[str, Text] | None]:
    """The inversions of ``term_map``, or why there are none."""
    expression = term_map.expression
    if expression is None or isinstance(expression, Constant):
        return [], CONSTANT
    if term_map.type is TermType.BLANK and list(references(expression)):
        return [], NAMELESS
    if isinstance(expression, Template):
        if not expression.references:
            return [], CONSTANT
        return _of_template(expression, term_map.type), None
    found = _of(expression, calls)
    return ([], DERIVED) if found is None else ([found], None)


def _same(text: pl.Expr, _: Codes) -> pl.Expr:
    return text


def _of(expression: Expression, calls: Dict[Call, Resolved]) -> Inversion | None:
    if isinstance(expression, Reference):
        return Inversion(expression.name, _same, several="[*]" in expression.name)
    if not isinstance(expression, Call):
        return None
    resolved = calls[expression]
    lens = resolved.lens
    if lens.inverse is None or resolved.value is None:
        return None
    if any(not isinstance(value, Constant) for name, value in resolved.inputs.items() if name != "value"):
        return None
    inner = _of(resolved.value, calls)
    if inner is None:
        return None
    own = _function(resolved)
    if lens.several:
        if inner.separator is not None or inner.several:
            return None
        return Inversion(inner.column, _same, inner.before, resolved.constants["separator"], loss=inner.loss)
    loss = lens.loss if lens.partial else inner.loss
    return Inversion(inner.column, _then(own, inner.before), inner.after, inner.separator, inner.several, loss)


def _function(resolved: Resolved) -> Function:
    inverse = resolved.lens.inverse
    assert inverse is not None
    return lambda text, codes: inverse(text, Arguments({}, resolved.constants, codes))


def _then(first: Function, second: Function) -> Function:
    return (
        second
        if first is _same
        else first
        if second is _same
        else lambda text, codes: second(first(text, codes), codes)
    )


_SEGMENT = r"((?:[A-Za-z0-9._~\-]|%[0-9A-Fa-f]{2}|[^\x00-\x7F])+)"
"""What a percent-encoded value can look like."""


def _of_template(template: Template, kind: TermType, base: str | None = None) -> list[Inversion]:
    encoded = kind in (TermType.IRI, TermType.URI)
    pattern = "".join(
        re.escape(part) if isinstance(part, str) else (_SEGMENT if encoded else r"(.+?)") for part in template.parts
    )
    start = (
        "^"
        if base is None or (isinstance(template.parts[0], str) and iri.is_absolute(template.parts[0]))
        else "^" + re.escape(base)
    )
    whole = re.compile(f"{start}{pattern}$").pattern
    if base is None and encoded and not (isinstance(template.parts[0], str) and iri.is_absolute(template.parts[0])):
        whole = f"(?:^|/){pattern}$"  # a relative template: below whatever base
    found: dict[str, Inversion] = {}
    for number, part in enumerate(template.references, 1):
        found.setdefault(part.name, Inversion(part.name, _group(whole, number, decoded=encoded)))
    return list(found.values())


def _group(pattern: str, number: int, *, decoded: bool) -> Function:
    def read(text: pl.Expr, _: Codes) -> pl.Expr:
        group = text.str.extract(pattern, number)
        return iri.decode(group) if decoded else group

    return read


def invert_subject(term_map: TermMap, calls: Dict[Call, Resolved], base: str) -> list[Inversion]:
    """The columns that can be read off the subject's own IRI, when it was minted under ``base``."""
    expression = term_map.expression
    if isinstance(expression, Template) and term_map.type.is_iri and expression.references:
        return _of_template(expression, term_map.type, base)
    if isinstance(expression, (Reference, Call)) and term_map.type.is_iri:
        found = _of(expression, calls)
        if found is None or found.separator is not None or found.several:
            return []
        before = found.before

        def read(text: pl.Expr, codes: Codes) -> pl.Expr:
            return before(pl.when(text.str.starts_with(base)).then(text.str.strip_prefix(base)).otherwise(text), codes)

        return [Inversion(found.column, read, loss=found.loss)]
    return []
