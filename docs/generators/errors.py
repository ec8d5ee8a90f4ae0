"""The errors that users may meet, by code, from the places in the source that raise them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import datahub
from datahub.errors import DatahubError
from datahub.web.problems import TITLES
from generators.markdown import code, page, table, text

_INTRO = """
When a file or a request can't be used as a whole, the answer is one error with a stable code. Over HTTP it is a
problem details object (RFC 9457) with the members `type`, `title`, `status`, `detail` and `code`; in a terminal it is
a sentence. Parts in braces stand for what depends on your input. What is wrong with single records is not an error:
it is in the [push report](push-report.md).
"""


@dataclass(frozen=True)
class Raised:
    """One place in the source that raises an error."""

    status: int
    code: str
    english: str
    french: str


def pages() -> dict[str, str]:
    """The page of errors."""
    found = sorted(set(raised()), key=lambda one: (one.status, one.code, one.english))
    blocks = ["# Errors", _INTRO]
    for status in sorted({one.status for one in found}):
        title = TITLES[status]
        first: dict[str, Raised] = {}
        for one in found:
            if one.status == status:
                first.setdefault(one.code, one)
        rows = [(code(one.code), text(one.english), text(one.french)) for one in first.values()]
        blocks += [f"## {status}: {text(title.en)} · {text(title.fr)}", table(("code", "message", "en français"), rows)]
    return {"errors": page(*blocks)}


def raised() -> Iterator[Raised]:
    """Every error whose code and texts are written at the place that raises it."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(Path(datahub.__file__).parent.rglob("*.py"))]
    statuses = _statuses(trees)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ClassDef) and node.name in statuses:
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and _is_init(one.func)]
            yield from (made for call in calls if (made := _read(statuses[node.name], call)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in statuses:
            made = _read(statuses[node.func.id], node)
            if made is not None:
                yield made


def _statuses(trees: Sequence[ast.Module]) -> dict[str, int]:
    """Class of error → its HTTP status, its own or that of the class it is made from."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {"DatahubError": DatahubError.status}
    while True:
        before = len(known)
        for one in classes:
            bases = [base.id for base in one.bases if isinstance(base, ast.Name) and base.id in known]
            if bases and one.name not in known:
                own = [_status(line) for line in one.body]
                known[one.name] = next((status for status in own if status), known[bases[0]])
        if len(known) == before:
            return known


def _status(line: ast.stmt) -> int | None:
    match line:
        case ast.Assign(targets=[ast.Name(id="status")], value=ast.Constant(value=int(status))):
            return status
    return None


def _is_init(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr == "__init__"


def _read(status: int, call: ast.Call) -> Raised | None:
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
    return Raised(status, call.args[0].value, english, french)


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
