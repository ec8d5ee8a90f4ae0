"""The classes of records that a file may hold, and the properties that its columns may fill: ``models.yaml`` as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml

from datahub.connectors.authoring.words import alike, everything, tokens
from datahub.i18n import Text
from datahub.profiles.namespaces import expand
from datahub.profiles.term import Term
from datahub.profiles.vocabulary import vocabulary

_ANY = ("datetime", "date", "boolean", "price", "percent", "decimal", "comma", "integer", "text")
"""How the values of a property are read that no model has."""

RECORD = "record"
"""The name of the node that is the record itself."""


@dataclass(frozen=True)
class Word:
    """A word that a column may be called by; ``label``: it is the name of the property and not a synonym."""

    text: str
    label: bool

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Its telling words."""
        return tokens(self.text)

    @cached_property
    def everything(self) -> tuple[str, ...]:
        """All its words."""
        return everything(self.text)


@dataclass(frozen=True)
class Slot:
    """A property of a node that a column may fill; see ``models.yaml``."""

    node: str
    predicate: str
    reads: tuple[str, ...]
    named: tuple[tuple[str, ...], ...]
    """Terms whose words are joined: ``(("schema:pickupLocation", "schema:name"),)``."""
    lists: tuple[str, ...] = ()
    beside: str | None = None
    yes: str | None = None
    no: str | None = None
    tells: float = 1.0
    also: tuple[str, str] | None = None
    """Node and property that the same column fills as well, unless another does."""
    language: bool = False
    refers: bool = False
    """The value is the key of another record of the file."""
    asked: bool = False
    within: frozenset[str] = frozenset()
    """Words of which a column must have one, because only they tell this node from others: pickup, drop-off."""

    @property
    def label(self) -> Text:
        """What it is called for people: “price” rather than “has price”."""
        term = vocabulary().term(expand(self.named[0][-1]))
        if term.kind != "object-property":
            return term.label
        english, french = (next(iter(term.alt_labels.get(lang, ())), term.label.to(lang)) for lang in ("en", "fr"))
        return Text(english, french)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All words for it: labels and synonyms in both languages, and the names of the terms."""
        found: dict[tuple[str, ...], Word] = {}
        for terms in self.named:
            for word in _joined(terms):
                found.setdefault(word.everything, word)
        return tuple(word for word in found.values() if word.tokens)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The telling words of all `words`."""
        return frozenset(token for word in self.words for token in word.tokens)


@dataclass(frozen=True)
class Node:
    """A node of a record beside the record itself; see ``models.yaml``."""

    name: str
    type: str
    link: str
    of: str = RECORD
    inverse: str | None = None
    slug: str | None = None
    label: str | None = None
    """The property whose value the IRI of a node with ``slug`` is made from."""
    needs: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A class of records with its nodes and slots."""

    name: str
    type: str
    sector: str
    path: str
    called: tuple[str, ...]
    nodes: tuple[Node, ...]
    slots: tuple[Slot, ...]
    implied: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def slot(self, word: str) -> Slot | None:
        """The slot called ``word``: its property as a compact IRI, one of its names in either language, or a term of the record."""
        for slot in self.slots:
            if word in (slot.predicate, f"{slot.node}.{slot.predicate}"):
                return slot
        wanted = tokens(word)
        for label in (True, False):
            for slot in self.slots:
                own = {tokens(slot.label.en), tokens(slot.label.fr)} if label else {each.tokens for each in slot.words}
                if wanted in own:
                    return slot
        if ":" in word and expand(word) in vocabulary():
            return Slot(RECORD, word, _ANY, ((word,),))
        return None

    @cached_property
    def within(self) -> frozenset[str]:
        """Words that tell a node other than the record."""
        return frozenset().union(*(slot.within for slot in self.slots))

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """What each word weighs: the fewer slots it may mean, the more."""
        counts: dict[str, int] = {}
        for slot in self.slots:
            for token in {token for word in slot.words for token in word.tokens}:
                counts[token] = counts.get(token, 0) + 1
        return {token: max(0.25, 1 / count**0.5) for token, count in counts.items()}


@cache
def models() -> tuple[Model, ...]:
    """All classes of records that a draft can be made for, the more special ones first."""
    text = files("datahub.connectors.authoring").joinpath("models.yaml").read_text("utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return tuple(_model(name, entry) for name, entry in raw.items())


@cache
def _meanings() -> Mapping[tuple[str, ...], frozenset[tuple[str, str, str]]]:
    found: dict[tuple[str, ...], set[tuple[str, str, str]]] = {}
    for model in models():
        for slot in model.slots:
            for word in slot.words:
                found.setdefault(word.tokens, set()).add((model.name, slot.node, slot.predicate))
    return {words: frozenset(slots) for words, slots in found.items()}


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset().union(*(slot.vocabulary for model in models() for slot in model.slots))


@cache
def kin(token: str) -> frozenset[str]:
    """The words of all models that a word of a column may stand for: itself, abbreviations, slips of the pen."""
    return frozenset(known for known in _vocabulary() if alike(token, known))


def meanings(name: str) -> frozenset[tuple[str, str, str]]:
    """What a column called ``name`` may mean: class of records, node and property, by the labels and synonyms of the vocabulary."""
    return _meanings().get(tokens(name), frozenset())


def _model(name: str, raw: dict[str, Any]) -> Model:
    nodes = tuple(_node(each, entry) for each, entry in raw["nodes"].items())
    links = {node.name: node.link for node in nodes}
    return Model(
        name,
        raw["class"],
        raw["sector"],
        raw["path"],
        tuple(raw["called"]),
        nodes,
        tuple(_slot(each, entry, links) for each, entry in raw["slots"].items()),
        raw.get("implied", {}),
    )


def _node(name: str, raw: dict[str, Any]) -> Node:
    return Node(
        name,
        raw["class"],
        raw["link"],
        raw.get("of", RECORD),
        raw.get("inverse"),
        raw.get("slug"),
        raw.get("name"),
        raw.get("needs"),
        {key: str(value) for key, value in raw.get("constant", {}).items()},
    )


def _slot(name: str, raw: dict[str, Any], links: Mapping[str, str]) -> Slot:
    node, prop = _place(name)
    own = tuple((links[node], each) for each in raw.get("cross", [prop])) if node != RECORD else ((prop,),)
    return Slot(
        node,
        prop,
        tuple(raw["reads"]),
        tuple((term,) for term in raw["named"]) if "named" in raw else own,
        tuple(raw.get("list", ())),
        raw.get("beside"),
        raw.get("yes"),
        raw.get("no"),
        float(raw.get("tells", 1)),
        _place(raw["also"]) if "also" in raw else None,
        raw.get("language", False),
        raw.get("refers", False),
        raw.get("asked", False),
        _within(node, links) if node != RECORD and "named" not in raw else frozenset(),
    )


def _within(node: str, links: Mapping[str, str]) -> frozenset[str]:
    """The words of a node's link that the links of no other node have."""
    words = {
        name: {token for word in _words_of(vocabulary().term(expand(link))) for token in word.tokens}
        for name, link in links.items()
    }
    return frozenset(words[node].difference(*(theirs for name, theirs in words.items() if name != node)))


def _place(name: str) -> tuple[str, str]:
    node, dot, prop = name.partition(".")
    return (node, prop) if dot else (RECORD, name)


def _joined(terms: tuple[str, ...]) -> list[Word]:
    head = _words_of(vocabulary().term(expand(terms[0])))
    for term in terms[1:]:
        tail = _words_of(vocabulary().term(expand(term)))
        head = [Word(f"{one.text} {other.text}", one.label and other.label) for one in head for other in tail]
    return head


@cache
def _words_of(term: Term) -> list[Word]:
    labels = list(dict.fromkeys([term.labels[lang] for lang in ("fr", "en") if lang in term.labels]))
    others = [word for texts in (term.alt_labels, term.hidden_labels) for words in texts.values() for word in words]
    return [Word(text, True) for text in labels] + [Word(text, False) for text in (*others, term.name)]
