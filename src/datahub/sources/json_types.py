"""What a mapping reads of a JSON document, as a type: a parser that knows it passes over everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from datahub.sources.jsonpath import WILDCARD, Name, Path, Record, Step, attribute


class Integer(bytes):
    """An integer as it is written; only where the fast parser, which gives int, can't be used."""

    __slots__ = ()


Double = bytes
"""The type of a number with a fraction or an exponent, as it is written; nothing else in a document is bytes."""

double = str.encode
"""Makes one of its text."""


@dataclass
class _Node:
    """A place in the document: ``members`` by name, ``items`` of an array, ``whole`` where its value is read as it is."""

    members: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None
    whole: bool = False

    def at(self, steps: tuple[Step, ...]) -> _Node | None:
        """The place at ``steps`` from here; None where a step is a position, which no type can tell."""
        node = self
        for step in steps:
            if isinstance(step, Name):
                node = node.members.setdefault(step.key, _Node())
            elif step == WILDCARD:
                node.items = node.items or _Node()
                node = node.items
            else:
                return None
        return node

    def type(self) -> Any:
        """The Python type of what is here."""
        if self.whole or (self.members and self.items) or not (self.members or self.items):
            return Any
        if self.items:
            return list[self.items.type()] | None  # type: ignore[misc]
        if not all(map(str.isascii, self.members)):  # msgspec finds no other members of a typed dictionary
            return Any
        fields = [(attribute(name), node.type(), None) for name, node in self.members.items()]
        names = {attribute(name): name for name in self.members}
        # What a parser makes has no cycles: the collector needn't look for them.
        return msgspec.defstruct("Members", fields, bases=(Record,), rename=names, gc=False) | None


Reading = tuple[Path, tuple[Path, ...]]
"""What is read of a document: over which items an iteration goes, and the paths that are read from each."""


@lru_cache(64)
def decoder(readings: tuple[Reading, ...]) -> msgspec.json.Decoder[Any]:
    """A parser of documents that keeps what ``readings`` need; objects become records (`datahub.sources.jsonpath.Record`).

    It refuses (`msgspec.ValidationError`) documents of another form, such as one object where an array is expected.
    """
    root = _Node()
    for iteration, paths in readings:
        _add(root, iteration, paths)
    form: Any = root.type()
    if form is not Any and any(not iteration.steps for iteration, _ in readings):
        form = form | list[form]
    return msgspec.json.Decoder(form, float_hook=double)


def _add(root: _Node, iteration: Path, paths: tuple[Path, ...]) -> None:
    levels = [at for at, step in enumerate(iteration.steps) if step == WILDCARD]
    for path in paths:
        start = iteration.steps
        if path.climbs:  # from the items that the outer wildcards give; the document itself is outside of all
            outer = [(), *(iteration.steps[: at + 1] for at in levels[:-1])]
            if path.climbs > len(outer):
                continue
            start = outer[-path.climbs]
        node = root.at((*start, *path.steps))
        if node is None:
            root.whole = True
            return
        node.whole = True


ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=double)
"""The parser that keeps everything."""
