"""What a lens is: a value function of a mapping as a Polars expression, with its inverse where it has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from datahub.i18n import Text
from datahub.rdf.terms import FN, XSD

Codes = Callable[[str, str], pl.DataFrame]
"""Given a SKOS scheme and a notation property, the table of its codes: columns code and iri."""

SEVERITY = "severity"


def no_codes(scheme: str, notation: str) -> pl.DataFrame:
    """The code tables of a mapping that was given none: empty."""
    return pl.DataFrame(schema={"code": pl.String, "iri": pl.String})


@dataclass(frozen=True)
class Arguments:
    """The inputs of one call: ``columns`` by parameter name as expressions of text, ``constants`` those that are fixed."""

    columns: Mapping[str, pl.Expr]
    constants: Mapping[str, str]
    codes: Codes = no_codes

    def column(self, name: str = "value") -> pl.Expr:
        """The input ``name`` as an expression, a null where it was not given."""
        if name in self.columns:
            return self.columns[name]
        return pl.lit(self.constants.get(name), dtype=pl.String)

    def present(self, *names: str) -> list[pl.Expr]:
        """Those of the inputs ``names`` that were given."""
        return [self.column(name) for name in names if name in self.columns or name in self.constants]

    def text(self, name: str) -> str:
        """The fixed input ``name``, empty where it was not given."""
        return self.constants.get(name, "")

    def words(self, name: str) -> list[str]:
        """The fixed input ``name`` as the list that ``|`` separates."""
        return self.text(name).split("|")


@dataclass(frozen=True)
class Parameter:
    """An input of a lens. ``fixed``: it has to be a constant. ``default``: its value where it is not given."""

    name: str
    required: bool = True
    fixed: bool = False
    default: str | None = None


VALUE = Parameter("value")
UNREADABLE = Text("“{value}” can't be read.", "« {value} » est illisible.")
CORRECT = Text("Correct the value.", "Corrigez la valeur.")


def fixed(name: str, default: str | None = None) -> Parameter:
    """A constant parameter; required where it has no default."""
    return Parameter(name, required=default is None, fixed=True, default=default)


def optional(name: str, *, constant: bool = False) -> Parameter:
    """A parameter that may be left out."""
    return Parameter(name, required=False, fixed=constant)


@dataclass(frozen=True)
class Lens:
    """A function of the mapping language.

    ``forward`` makes the lexical form of a term from the cells, null where there is none. ``inverse`` makes the cell from the
    lexical form, null where the cell can't hold it; lenses without inverse are recomputed, never read back. ``partial``: a cell
    that is filled may be unreadable, told by ``unreadable`` (with a place ``{value}``) and ``fix``. ``several``: ``forward``
    yields lists. ``datatype``: of the literals, where the mapping gives none.
    """

    name: str
    parameters: tuple[Parameter, ...]
    forward: Callable[[Arguments], pl.Expr]
    doc: Text
    inverse: Callable[[pl.Expr, Arguments], pl.Expr] | None = None
    datatype: str | None = None
    partial: bool = False
    several: bool = False
    code: str = "value-unreadable"
    unreadable: Text = UNREADABLE
    fix: Text = CORRECT
    loss: str = "unreadable"

    @property
    def iri(self) -> str:
        """The function's IRI in datahub's own namespace."""
        return FN + self.name

    def parameter(self, name: str) -> Parameter | None:
        """The parameter ``name``, None where the lens has none by that name."""
        if name == SEVERITY:
            return Parameter(SEVERITY, required=False, fixed=True, default="violation")
        return next((p for p in self.parameters if p.name == name), None)


BOOLEAN = XSD + "boolean"
DATE = XSD + "date"
DATE_TIME = XSD + "dateTime"
DECIMAL = XSD + "decimal"
INTEGER = XSD + "integer"
