"""The part of JSONPath that mappings use (RFC 9535 section 2): names, positions, wildcards; and ``^`` for what encloses an item.

``$.a.b``, ``a.b``, ``$['a b'].c``, ``items[0]``, ``items[-1]``, ``items[*].id``, ``^.sku`` (in an iteration of
``$.products[*].offers[*]``: the sku of the product).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from keyword import iskeyword
from operator import attrgetter
from typing import Any

import msgspec

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.sources.limits import DEFAULT

WILDCARD = "*"
"""A step to all items of an array, or all members of an object."""

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*'"()?@\s][^.\[\]*]*|@[^.\[\]*]+)|\.?\[(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]"""
    r"""|\.?\[(?P<position>-?\d+)\]|(?P<all>\.\*|\.?\[\*\])"""
)


@dataclass(frozen=True)
class Name:
    """A step to the member ``key`` of an object."""

    key: str


Step = Name | int | str
"""A member, a position, or `WILDCARD`."""


@dataclass(frozen=True)
class Path:
    """``climbs``: how many iterations it starts above the item. ``several``: whether it may give more than one value."""

    text: str
    steps: tuple[Step, ...]
    climbs: int = 0

    @property
    def several(self) -> bool:
        return WILDCARD in self.steps


def parse(text: str) -> Path:
    """The path ``text``. Raises `DefinitionError` ``jsonpath`` where it is broken or asks for more than the part read here."""
    rest = text.strip()
    climbs = len(rest) - len(rest.lstrip("^"))
    rest = rest[climbs:]
    if rest.startswith("$"):
        rest = rest[1:]
    elif rest and rest[0] not in ".[":
        rest = "." + rest
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if not found:
            raise _broken(text, rest[at:])
        if found["name"] is not None:
            steps.append(Name(found["name"].rstrip()))
        elif found["quoted"] is not None:
            steps.append(Name(re.sub(r"\\(.)", r"\1", found["quoted"][1:-1])))
        elif found["position"] is not None:
            steps.append(int(found["position"]))
        else:
            steps.append(WILDCARD)
        at = found.end()
    if len(steps) > DEFAULT.max_depth:
        raise DefinitionError(
            "jsonpath",
            Text(
                f"A JSONPath has {len(steps)} steps; documents are read {DEFAULT.max_depth} levels deep at most.",
                f"Un JSONPath a {len(steps)} pas ; les documents sont lus sur {DEFAULT.max_depth} niveaux au plus.",
            ),
            Text("Shorten it.", "Raccourcissez-le."),
            Place(value=text[:100]),
        )
    return Path(text, tuple(steps), climbs)


def children(value: Any, expected: Collection[str] = ()) -> list[Any]:
    """What a wildcard gives: the items of an array, the values of an object, and a single value where there is no list of it.

    Publishers write one object where the format has a list of them; so an object that has one of the ``expected`` members counts
    as one item.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value] if any(key in value for key in expected) else list(value.values())
    return [] if value is None else [value]


def expected(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The member that items must have for ``steps`` to lead on from them."""
    return (steps[0].key,) if steps and isinstance(steps[0], Name) else ()


class Record(msgspec.Struct):
    """An object of which only the members that a mapping reads are kept, as attributes (`attribute`)."""


def attribute(key: str) -> str:
    """The attribute of a `Record` that holds the member ``key``."""
    plain = key.isidentifier() and key.isascii() and not key.startswith("_") and not iskeyword(key)
    return key if plain else "_" + key.encode("utf-8", "surrogatepass").hex()


def follow(values: list[Any], steps: tuple[Step, ...]) -> list[Any]:
    """The value at ``steps`` (no wildcard) of each of ``values``, None where there is none."""
    for step in steps:
        if isinstance(step, Name):
            values = _members(values, step.key)
        elif isinstance(step, int):
            values = [
                value[step] if type(value) is list and -len(value) <= step < len(value) else None for value in values
            ]
    return values


Known = dict[tuple[Step, ...], list[Any]]
"""What was found in the same values on the way to others, by the steps that lead there."""


def reach(values: list[Any], steps: tuple[Step, ...], known: Known) -> list[Any]:
    """As `follow`; what is ``known`` of the way is not sought again."""
    if len(steps) < 2:
        return follow(values, steps)
    way = steps[:-1]
    if way not in known:
        known[way] = reach(values, way, known)
    return follow(known[way], steps[-1:])


def _members(values: list[Any], key: str) -> list[Any]:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, Record):
        read = _reader(key)
        try:
            return list(map(read, values))
        except AttributeError:  # one of them is not there
            return [None if value is None else read(value) for value in values]
    try:
        return [value.get(key) for value in values]
    except AttributeError:  # one of them is no object, which is rare
        return [value.get(key) if type(value) is dict else None for value in values]


@lru_cache(4096)
def _reader(key: str) -> Callable[[Any], Any]:
    return attrgetter(attribute(key))


def collect(values: list[Any], steps: tuple[Step, ...]) -> tuple[list[Any], list[int]]:
    """The values at ``steps`` of all ``values`` in order, and how many each of ``values`` has."""
    if WILDCARD not in steps:
        return follow(values, steps), [1] * len(values)
    at = steps.index(WILDCARD)
    wanted = expected(steps[at + 1 :])
    lists = [children(value, wanted) for value in follow(values, steps[:at])]
    counts = [len(items) for items in lists]
    flat, inner = collect([item for items in lists for item in items], steps[at + 1 :])
    if WILDCARD in steps[at + 1 :]:
        ends = list(accumulate(inner, initial=0))
        starts = accumulate(counts, initial=0)
        counts = [ends[start + count] - ends[start] for start, count in zip(starts, counts, strict=False)]
    return flat, counts


def _broken(text: str, rest: str) -> DefinitionError:
    return DefinitionError(
        "jsonpath",
        Text(
            f"The JSONPath “{text}” can't be read at “{rest}”.",
            f"Le JSONPath « {text} » est illisible à « {rest} ».",
        ),
        Text(
            "Names, ['quoted names'], [positions], [*] and ^ are understood; filters and .. are not.",
            "Sont compris : les noms, ['noms entre guillemets'], [positions], [*] et ^ ; ni les filtres, ni « .. ».",
        ),
        Place(value=text),
    )
