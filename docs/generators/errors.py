"""The errors that users may meet, by code, from the places in the source that raise them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import datahub
from datahub import errors
from generators.markdown import code, page, table, text

_INTRO = """
When a file or a request can't be used as a whole, the answer is one error with a stable code. Over HTTP it is a
problem details object (RFC 9457) with the members `type`, `title`, `status`, `detail` and `code`; in a terminal it is
a sentence. Parts in braces stand for what depends on your input. What is wrong with single records is not an error:
it is in the [push report](push-report.md).
"""

_KINDS = (
    ("InputError", "The input as a whole can't be used"),
    ("UsageError", "The command can't be understood"),
    ("DefinitionError", "A mapping, shape, connector or ontology is broken"),
    ("NotFoundError", "There is nothing by that name"),
    ("ConflictError", "The request contradicts what stands"),
    ("ForbiddenError", "Not allowed"),
)


@dataclass(frozen=True)
class Raised:
    """One place in the source that raises an error."""

    kind: str
    code: str
    english: str
    french: str


def pages() -> dict[str, str]:
    """The page of errors."""
    found = sorted(set(_raised()), key=lambda one: (one.code, one.english))
    blocks = ["# Errors", _INTRO]
    for kind, title in _KINDS:
        rows: dict[str, Raised] = {}
        for one in found:
            if one.kind == kind:
                rows.setdefault(one.code, one)
        if rows:
            status = getattr(errors, kind, None)
            note = f"HTTP status {status.status}." if status else "Only in a terminal."
            lines = [(code(one.code), text(one.english), text(one.french)) for one in rows.values()]
            blocks += [f"## {title}", note, table(("code", "message", "en français"), lines)]
    return {"errors": page(*blocks)}


def _raised() -> Iterator[Raised]:
    known = {kind for kind, _ in _KINDS}
    for path in sorted(Path(datahub.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                made = _read(node.func.id, node)
                if made is not None:
                    yield made


def _read(kind: str, call: ast.Call) -> Raised | None:
    """The error that a call makes, where its code and texts are written there."""
    if len(call.args) < 2 or not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str):
        return None
    words = call.args[1]
    while isinstance(words, ast.Call) and isinstance(words.func, ast.Attribute):  # Text(…).format(…)
        words = words.func.value
    if not (isinstance(words, ast.Call) and isinstance(words.func, ast.Name) and words.func.id == "Text"):
        return None
    given = {word.arg: word.value for word in words.keywords}
    both = [*words.args, given.get("en"), given.get("fr")][:2] if words.args else [given.get("en"), given.get("fr")]
    if any(one is None for one in both):
        return None
    english, french = (_said(one) for one in both if one is not None)
    if english == "{…}":  # worded elsewhere
        return None
    return Raised(kind, call.args[0].value, english, french)


def _said(node: ast.expr) -> str:
    """What an expression of text says, with what it depends on in braces."""
    match node:
        case ast.Constant(value=str(said)):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(_said(part) for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return f"{{{name}}}"
        case ast.BinOp(left=left, right=right):
            return _said(left) + _said(right)
    return "{…}"
