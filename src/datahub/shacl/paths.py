"""Property paths (SHACL section 2.3.1) and their SPARQL text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Predicate:
    """A single predicate."""

    iri: str


@dataclass(frozen=True)
class Inverse:
    """sh:inversePath."""

    path: Path


@dataclass(frozen=True)
class Sequence:
    """An RDF list of two or more steps."""

    steps: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """sh:alternativePath."""

    options: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """sh:zeroOrMorePath (``*``), sh:oneOrMorePath (``+``) or sh:zeroOrOnePath (``?``), by ``sign``."""

    path: Path
    sign: str


Path = Predicate | Inverse | Sequence | Alternative | Repeat

REPEATS = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


def text(path: Path) -> str:
    """The path as SPARQL writes it; a single predicate as its bare IRI."""
    return path.iri if isinstance(path, Predicate) else sparql(path)


def sparql(path: Path) -> str:
    """The path as a query has it."""
    match path:
        case Predicate(iri):
            return f"<{iri}>"
        case Inverse(inner):
            return "^" + _step(inner)
        case Sequence(steps):
            return "/".join(_step(step) for step in steps)
        case Alternative(options):
            return "|".join(_step(option) for option in options)
        case Repeat(inner, sign):
            return _step(inner) + sign


def _step(path: Path) -> str:
    return sparql(path) if isinstance(path, Predicate) else f"({sparql(path)})"


def inverse(path: Path) -> Path:
    """The path that leads back along ``path``, with sh:inversePath moved one level in."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(inner):
            return inner
        case Sequence(steps):
            return Sequence(tuple(inverse(step) for step in reversed(steps)))
        case Alternative(options):
            return Alternative(tuple(inverse(option) for option in options))
        case Repeat(inner, sign):
            return Repeat(inverse(inner), sign)
