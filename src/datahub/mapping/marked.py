"""YAML whose values know the line that they stand on, so that an error can name it."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from datahub.i18n import Text

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


_CAUSES = (
    ("could not find expected ':'", "a colon is expected", "un deux-points est attendu"),
    ("mapping values are not allowed", "a colon stands where no key can be; put the text between quotes",
     "un deux-points se trouve où aucune clé ne peut être ; mettez le texte entre guillemets"),
    ("found character '\\t'", "a tab stands where only spaces may", "une tabulation se trouve où seules des espaces peuvent être"),
    ("cannot start any token", "a text starts with a sign that has a meaning in YAML; put it between quotes",
     "un texte commence par un signe qui a un sens en YAML ; mettez-le entre guillemets"),
    ("found unexpected end of stream", "a quote is not closed", "un guillemet n'est pas fermé"),
    ("unexpected end", "a quote is not closed", "un guillemet n'est pas fermé"),
    ("found undefined alias", "an alias (*) has no anchor (&)", "un alias (*) n'a pas d'ancre (&)"),
    ("found unknown escape character", "a backslash in double quotes is misplaced; use single quotes",
     "une barre oblique inverse entre guillemets doubles est mal placée ; utilisez des apostrophes"),
    ("expected ',' or", "a comma or a closing bracket is expected", "une virgule ou un crochet fermant est attendu"),
    ("expected <block end>", "the indentation differs from that of the lines above",
     "l'indentation diffère de celle des lignes au-dessus"),
    ("expected alphabetic or numeric", "a name is expected behind & or *", "un nom est attendu après & ou *"),
    ("special characters are not allowed", "a control character stands here", "un caractère de contrôle se trouve ici"),
    ("expected a single document", "a second document (---) follows the first", "un second document (---) suit le premier"),
)  # fmt: skip
"""What the parser says, and what it means."""


def fault(error: yaml.YAMLError, text: str) -> tuple[Text | None, int | None]:
    """What is wrong with ``text``, and on which line, from what the parser says of it."""
    said = " ".join(
        str(part) for part in (getattr(error, name, None) for name in ("problem", "reason", "context")) if part
    )
    why = next((Text(en, fr) for start, en, fr in _CAUSES if start in said), None)
    mark, position = getattr(error, "problem_mark", None), getattr(error, "position", None)
    if mark is not None:
        return why, mark.line + 1
    return why, text.count("\n", 0, position) + 1 if isinstance(position, int) else None


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
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode):
        raise MarkedError(
            "a list or a mapping stands where a key is expected; put texts with { or [ between quotes.",
            "une liste ou un mapping se trouve où une clé est attendue ; mettez entre guillemets les textes avec { ou [.",
            line,
        )
    name = str(key.value)
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
