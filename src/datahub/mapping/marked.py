"""YAML whose values know the line that they stand on, so that an error can name it."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

MAX_DEPTH = 40
MAX_VALUES = 1_000_000


class Words(str):
    """A scalar, always as text: YAML 1.1 would read an unquoted no, 007 or 1e3 as something else."""

    line: int | None = None


class Items(list[object]):
    """A sequence."""

    line: int | None = None


class Keys(dict[str, object]):
    """A mapping; ``lines`` tells where each key stands."""

    line: int | None = None
    lines: dict[str, int]


class MarkedError(Exception):
    """Something that is YAML but can't be read here: ``en``, ``fr`` say what, ``line`` where."""

    def __init__(self, en: str, fr: str, line: int) -> None:
        super().__init__(en)
        self.en, self.fr, self.line = en, fr, line


def load(text: str) -> object:
    """The value of the YAML document ``text``; null where it is empty. Anchors and merge keys (``<<``) are followed.

    Raises `yaml.YAMLError` where it is no YAML, `MarkedError` for a key that stands twice, and for nesting or aliases without end.
    """
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    budget = iter(range(MAX_VALUES))
    return None if node is None else _value(node, 0, budget)


def line_of(value: object) -> int | None:
    """The line on which ``value`` starts (the first is 1), where it is known."""
    return getattr(value, "line", None)


def _value(node: yaml.Node, depth: int, budget: Iterator[int]) -> object:
    line = node.start_mark.line + 1
    if depth > MAX_DEPTH or next(budget, None) is None:
        raise MarkedError("the document is nested without end.", "le document s'imbrique sans fin.", line)
    made: Words | Items | Keys
    if isinstance(node, yaml.MappingNode):
        made = Keys()
        made.lines = {}
        for key, value in node.value:
            _take(made, key, value, depth, budget)
    elif isinstance(node, yaml.SequenceNode):
        made = Items(_value(item, depth + 1, budget) for item in node.value)
    else:
        made = Words(node.value)
    made.line = line
    return made


def _take(made: Keys, key: yaml.Node, value: yaml.Node, depth: int, budget: Iterator[int]) -> None:
    name, line = str(key.value), key.start_mark.line + 1
    found = _value(value, depth + 1, budget)
    if name == "<<":  # keys of one's own go before those that are merged in
        for other in found if isinstance(found, Items) else [found]:
            if isinstance(other, Keys):
                for inner, given in other.items():
                    made.setdefault(inner, given)
        return
    if name in made.lines:
        raise MarkedError(f"the key “{name}” stands twice.", f"la clé « {name} » figure deux fois.", line)
    made[name] = found
    made.lines[name] = line
