"""What a mapping reads of a JSON document, as a type: a parser that knows it passes over everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypedDict

import msgspec

from datahub.sources.jsonpath import WILDCARD, Name, Path, Step


class Integer(str):
    """An integer as it is written; only where the fast parser, which gives int, can't be used."""

    __slots__ = ()


class Double(str):
    """A number with a fraction or an exponent, as it is written."""

    __slots__ = ()


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
        members = {name: node.type() for name, node in self.members.items()}
        return TypedDict("Members", members, total=False) | None  # type: ignore[operator]


@lru_cache(64)
def decoder(iteration: Path, paths: tuple[Path, ...]) -> msgspec.json.Decoder[Any]:
    """A parser of documents over which ``iteration`` goes, that keeps what ``paths`` read from an item.

    It refuses (`msgspec.ValidationError`) documents of another form, such as one object where an array is expected.
    """
    root = _Node()
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
            break
        node.whole = True
    if not iteration.steps:
        form: Any = root.type()
        return msgspec.json.Decoder(form if form is Any else form | list[form], float_hook=Double)
    return msgspec.json.Decoder(root.type(), float_hook=Double)


ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Double)
"""The parser that keeps everything."""
