"""Where in its file a node of the shapes graph is written: RDF parsers keep no lines, so the text is looked through."""

from __future__ import annotations

import re
from pathlib import Path

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.rdf.terms import BLANK, IRI, SH, Term
from datahub.shacl.shapesgraph import ShapesGraph, shown


def located(error: DefinitionError, node: Term | None, graph: ShapesGraph) -> DefinitionError:
    """``error`` about ``node`` with file and line; about a blank node also with the shape that it belongs to."""
    if node is None:
        return error
    if node not in graph.index:  # it is missing: who refers to it?
        node = next(graph.referring(node), node)
    owner, steps = _owner(node, graph)
    file = graph.files.get(node) or graph.files.get(owner)
    message = error.message
    if node.kind == BLANK and owner.kind == IRI:
        where = " / ".join([shown(owner), *steps])
        message = Text(f"{message.en} It belongs to {where}.", f"{message.fr} Il fait partie de {where}.")
    row = None if file is None else line(file, owner)
    place = Place(file.name if file is not None else None, row, value=error.place.value)
    return DefinitionError(error.code, message, error.fix, place)


def _owner(node: Term, graph: ShapesGraph) -> tuple[Term, list[str]]:
    """The nearest node with an IRI from which ``node`` is reached, and the paths of the property shapes on the way."""
    steps: list[str] = []
    seen = {node}
    while node.kind == BLANK:
        steps = [*(shown(path) for path in graph.values(node, SH + "path") if path.kind == IRI), *steps]
        above = next((one for one in graph.referring(node) if one not in seen), None)
        if above is None:
            break
        seen.add(above)
        node = above
    return node, steps


def line(file: Path, node: Term) -> int | None:
    """The line of a Turtle or N-Triples ``file`` on which statements about the IRI ``node`` begin; None where it is not found."""
    if node.kind != IRI:
        return None
    text = file.read_text("utf-8", errors="replace")
    names = [f"<{node.lexical}>"]
    for prefix, namespace in re.findall(r"(?i)\bprefix\s+([\w.-]*):\s*<([^>]*)>", text):
        if namespace and node.lexical.startswith(namespace):
            names.append(f"{prefix}:{node.lexical.removeprefix(namespace)}")
    base = re.search(r"(?i)\bbase\s+<([^>]*)>", text)
    for root in (base[1] if base else "", file.as_uri()):
        if root and node.lexical.startswith(root):
            names.append(f"<{node.lexical.removeprefix(root)}>")
    either = "|".join(re.escape(name) for name in names)
    for pattern in (rf"(?m)^\s*(?:{either})(?=[\s;]|$)", rf"(?:{either})(?=[\s;,.\])]|$)"):
        found = re.search(pattern, text)
        if found is not None:
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            return text.count("\n", 0, start) + 1
    return None
