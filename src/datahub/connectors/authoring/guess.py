"""For each column of an unknown file the likeliest property, with its reason; and which class of records the file holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from datahub.connectors.authoring.kinds import EVIDENCE, KINDS, Reading, share
from datahub.connectors.authoring.lists import MOST, ListMatch, match
from datahub.connectors.authoring.models import RECORD, Model, Slot, Word, kin
from datahub.connectors.authoring.reasons import NEARLY, SYNONYM, reason
from datahub.connectors.authoring.sample import Sample
from datahub.connectors.authoring.values import readings
from datahub.connectors.authoring.words import bracketed, everything, likeness, tokens
from datahub.i18n import Text

LIKELY = 0.55
"""Below this a guess is not made."""

_LEAF = 0.92
"""What the last step of a path counts by itself."""

_LANGUAGES = frozenset({"fr", "en", "de", "es", "it", "nl", "pt", "oc", "br", "eu", "ca"})
_PER = re.compile(r"\s*(?:[€$£]|\b(?:EUR|euros?)\b|/\s*\w+\.?\s*$)\s*", re.I)
_PREFIXED = re.compile(r"^[A-Za-z][\w-]*:(?=\w)")
"""A prefix in a member of JSON: “schema:name”."""
_ANYTHINGS = frozenset(
    {"id", "identifier", "identifiant", "uuid", "code", "name", "nom", "legal", "label", "libelle", "title", "titre", "type",
     "url", "uri", "comment", "description", "date", "value", "valeur", "key", "note", "text", "texte", "status", "statut"}
)  # fmt: skip
"""Words that anything may be called by: below another member they say nothing of the record."""
_OTHERS = frozenset(
    {"created", "creator", "createur", "published", "publisher", "editeur", "owned", "owner", "proprietaire", "author", "auteur",
     "contributor", "contributeur", "translated", "translation", "traduction"}
)  # fmt: skip
_INNER = 0.7
"""How near the name of an inner member must be to that of a property."""
_EMPTY = 0.85
"""How near the name of an empty column must be, which has nothing else to say."""
_STRANGE = 0.6
_ENVELOPES = frozenset({"properties", "attributes", "attributs", "fields", "champs", "data", "record", "item"})
_ELSEWHERE = 0.85
"""What a property of the record counts for a column that is called after another node: “pickup.description”."""
_PLAIN = 0.5
_COMMON_WORD = 0.5
"""A word that stands in this share of the column names says little: stop_id, stop_name, stop_lat."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column and what its values look like."""

    name: str
    title: str
    values: pl.Series
    readings: tuple[Reading, ...]
    language: str | None = None
    leaf: str | None = None
    """The last step of a path into JSON, which says more than those above it."""
    inner: bool = False
    """Whether it is a member that anything may have (name, date) of something inside of the record."""
    strange: bool = False
    """Whether it is of somebody else than what the record is about: who wrote, published or owns it."""
    listed: bool = False
    """Whether it is of the objects of a list within the record."""

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The words of its title."""
        return tokens(self.title)

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The words of its title without currency, and without what is behind a slash: “Prix €/kg” is a price."""
        return tokens(_PER.sub("", self.title))

    @cached_property
    def kin(self) -> frozenset[str]:
        """The words of the models that its name may mean, those in brackets too."""
        own = {*self.tokens, *tokens(bracketed(self.title)), *(tokens(self.leaf) if self.leaf else ())}
        return frozenset().union(*(kin(token) for token in own))

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The values that differ, in their order; of very many, the first."""
        return tuple(self.values.drop_nulls().unique(maintain_order=True).head(MOST + 1).to_list())

    @cached_property
    def numbers(self) -> pl.Series:
        """The values that are numbers, with a decimal point or comma."""
        texts = self.values.drop_nulls().str.replace(",", ".")
        return texts.cast(pl.Float64, strict=False).drop_nulls()

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of its readings."""
        return frozenset(reading.kind for reading in self.readings)

    def may_fill(self, slot: Slot) -> bool:
        """Whether values of this kind, and not any text, are what ``slot`` holds."""
        special = self.kinds - {"text", "empty", "identifier", "prose"}
        return bool(special & set(slot.reads)) if special else "text" in slot.reads


@dataclass(frozen=True)
class Guess:
    """Where a column belongs. ``slot``: None where nothing is likely enough. ``score``: 0 to 1. ``reason``: why. ``match``: its
    values in the code list of the slot."""

    column: Column
    slot: Slot | None
    reading: Reading
    score: float
    reason: Text
    match: ListMatch | None = None
    said: bool = False
    """Whether the author said so."""

    @property
    def kept(self) -> bool:
        """Whether every value of the column is read, so that it can be written back."""
        whole = self.match is None or not (self.match.missing or self.match.near)
        return (
            self.slot is not None and whole and not self.reading.odd and self.reading.kind not in ("latlon", "quantity")
        )


def column(sample: Sample, name: str) -> Column:
    """The column ``name`` of ``sample``, with what its values look like."""
    title, leaf, language = sample.titles[name], None, None
    inner = strange = False
    if sample.kind != "csv":
        steps = [_PREFIXED.sub("", step) for step in title.split()]
        language = steps.pop() if len(steps) > 1 and steps[-1].lower() in _LANGUAGES else None
        own = tokens(steps[-1]) if len(steps) > 1 else ()
        # The name of an address or a producer is not that of the record.
        inner = bool(own) and set(own) <= _ANYTHINGS and steps[0].lower() not in _ENVELOPES
        leaf = steps[-1] if own and not inner else None
        strange = len(steps) > 1 and bool(_OTHERS & set(tokens(" ".join(steps[:-1]))))
        title = " ".join(steps)
    values = sample.texts(name)
    return Column(name, title, values, readings(values), language, leaf, inner, strange, bool(sample.within(name)))


def weight(guesses: Iterable[Guess]) -> float:
    """How much ``guesses`` say for the class of records that they are made for."""
    return sum(guess.score * guess.slot.tells for guess in guesses if guess.slot)


def assigned(columns: Sequence[Column], model: Model, said: Mapping[str, str]) -> tuple[Guess, ...]:
    """Each column with the slot where it fits best; every slot is filled once, the surest first."""
    counts = Counter(word for column in columns for word in set(column.tokens))
    weights = dict(model.weights)
    if len(columns) >= 4:
        weights |= {word: 0.08 for word, count in counts.items() if count / len(columns) >= _COMMON_WORD}
    options = [
        found
        for column in columns
        for slot in model.slots
        if (found := _option(column, slot, weights, model.within)) is not None and found.score >= LIKELY
    ]
    taken = {column.name: _said(column, model, said) for column in columns if _word_for(column, said) is not None}
    filled: set[tuple[Slot, str | None]] = {(each.slot, None) for each in taken.values() if each.slot}
    for option in sorted(options, key=lambda each: -each.score):
        assert option.slot is not None
        place = (option.slot, option.column.language if option.slot.language else None)
        if option.column.name not in taken and place not in filled:
            taken[option.column.name] = option
            filled.add(place)
    taken |= _named(columns, model, taken)
    return tuple(taken.get(column.name) or _none(column) for column in columns)


def _word_for(column: Column, said: Mapping[str, str]) -> str | None:
    return said.get(column.name, said.get(column.title))


def _said(column: Column, model: Model, said: Mapping[str, str]) -> Guess:
    """The column where its author says that it belongs."""
    word = _word_for(column, said) or ""
    slot = model.slot(word) if word else None
    if slot is None:
        why = Text("left out, as you say", "laissée de côté, comme vous le dites")
        return Guess(column, None, column.readings[0], 0.0, why, said=True)
    reading = next((each for kind in slot.reads for each in column.readings if each.kind == kind), column.readings[-1])
    return Guess(
        column, slot, reading, 1.0, Text("as you say", "comme vous le dites"), _in_list(column, slot, 1.0), True
    )


def _option(column: Column, slot: Slot, weights: Mapping[str, float], within: frozenset[str]) -> Guess | None:
    """How likely it is that ``column`` fills ``slot``: its name and its values, each of which may tell alone."""
    empty = column.readings[0].kind == "empty"
    if not (empty or slot.yes) and column.kinds.isdisjoint(slot.reads):
        return None
    if column.inner and column.title.endswith(("@type", "@id")):
        return None
    if column.tokens[-1:] == ("id",) and {"url", "image"} & set(slot.reads):
        return None  # the address of a thing is not its page
    word, named = _likest(column, slot, weights)
    if column.inner and named < _INNER:
        return None
    if empty and named < _EMPTY:
        return None
    if column.listed and (slot.node, slot.predicate) == (RECORD, "dct:identifier"):
        return None  # an item of a list is another thing than the record
    listed = _in_list(column, slot, named)
    reading = next((each for kind in slot.reads for each in column.readings if each.kind == kind), None)
    if slot.yes and not (listed and listed.found):
        reading = next((each for each in column.readings if each.kind == "boolean"), reading)
    if empty:
        reading = column.readings[0]
    if reading is None:
        return None
    told = 0.0 if empty else EVIDENCE.get(reading.kind, 0.0) * _range(column, reading)
    if listed is not None:
        told = max(told, 0.75 * listed.share if len(listed.found) > 1 else 0.3 * listed.share)
    if slot.within and named < 0.3:
        return None
    if named < 0.3 and (told < LIKELY or not _alone(reading, listed)):
        return None
    score = 1 - (1 - named) * (1 - told * 0.9)
    if slot.node == RECORD and within & set(column.tokens):
        score *= _ELSEWHERE
    if column.strange:
        score *= _STRANGE
    if named < 0.3 and slot.tells > _PLAIN:
        score *= 0.97  # of two places for any address, that of no special meaning
    if not empty:
        score *= _fitting(column, slot, reading, listed)
    return Guess(column, slot, reading, round(score, 3), reason(slot, word, named, reading, told, listed), listed)


def _fitting(column: Column, slot: Slot, reading: Reading, listed: ListMatch | None) -> float:
    """Less than 1 where the values can be read for the slot but look like something else."""
    factor = 1.0 if reading.kind == slot.reads[0] else 0.97
    number = bool(column.kinds & {"integer", "decimal", "comma"})
    if column.language and not slot.language:
        factor *= 0.8
    if reading.kind == "text" and number:
        factor *= 0.8
    if slot.lists and reading.kind == "text" and (listed is None or not listed.found):
        factor *= 0.5 if number else 0.55 if column.inner else 0.85
    if reading.kind == "url" and "image" in column.kinds:
        factor *= 0.5
    return factor


def _alone(reading: Reading, listed: ListMatch | None) -> bool:
    """Whether values say by themselves where a column belongs, even where its name says nothing."""
    return reading.kind in (
        "email",
        "phone",
        "image",
        "siret",
        "vat",
        "ean",
        "hours",
        "latlon",
        "marked-latitude",
        "marked-longitude",
        "price",
        "unit",
        "url",
    ) or (listed is not None and len(listed.found) >= 3)


def _range(column: Column, reading: Reading) -> float:
    """Coordinates in or near France tell more than any number below 90."""
    if reading.kind not in ("latitude", "longitude"):
        return 1.0
    low, high = (41.0, 51.5) if reading.kind == "latitude" else (-5.5, 10.0)
    return 1.0 if len(column.numbers) and share(column.numbers.is_between(low, high)) > 0.9 else 0.5


def _likest(column: Column, slot: Slot, weights: Mapping[str, float]) -> tuple[Word | None, float]:
    best: tuple[float, Word | None] = (0.0, None)
    whole = column.tokens
    if (slot.within and slot.within.isdisjoint(whole)) or slot.vocabulary.isdisjoint(column.kin):
        return None, 0.0
    leaf = tokens(column.leaf) if column.leaf else ()
    hint = tokens(bracketed(column.title))
    for word in slot.words:
        if column.kin.isdisjoint(word.tokens):
            continue
        if word.tokens == column.bare != whole:
            value = NEARLY
        elif whole == word.tokens:
            value = 1.0 if everything(column.title) == word.everything else NEARLY
        else:
            value = max(likeness(whole, word.tokens, weights), likeness((*whole, *hint), word.tokens, weights))
            value = max(value, _LEAF * likeness(leaf, word.tokens, weights))
        value *= 1.0 if word.label else SYNONYM
        if value > best[0]:
            best = (value, word)
    return best[1], best[0]


def _in_list(column: Column, slot: Slot, named: float) -> ListMatch | None:
    if not slot.lists or column.readings[0].kind == "empty":
        return None
    if len(column.distinct) > MOST or (slot.lists[0] == "answers" and named < 0.4):
        return None
    found = max((match(column.distinct, scheme) for scheme in slot.lists), key=lambda each: each.share)
    return found if found.share >= 0.3 or named >= 0.6 else None


def _none(column: Column) -> Guess:
    # Any small number may be that of a department; only a column that is called so tells.
    reading = next(each for each in column.readings if each.kind != "department")
    kind = KINDS[reading.kind]
    return Guess(
        column,
        None,
        reading,
        0.0,
        Text(f"no property fits ({kind.en})", f"aucune propriété ne convient ({kind.fr})"),
    )


def _named(columns: Sequence[Column], model: Model, taken: Mapping[str, Guess]) -> dict[str, Guess]:
    """A name for the records where no column is called so: the first column of texts that nearly all differ."""
    slot = next((each for each in model.slots if each.predicate.endswith(":name") and each.node == "record"), None)
    if slot is None or any(guess.slot == slot for guess in taken.values()):
        return {}
    for column in columns:
        filled = column.values.drop_nulls()
        if (
            column.name in taken
            or not len(filled)
            or column.kinds & {"url", "email", "integer", "decimal", "comma", "date", "datetime", "prose"}
        ):
            continue
        wordy = share(filled.str.contains(r"\p{L}{3,}"))
        if filled.n_unique() >= 0.8 * len(filled) and wordy > 0.8 and len(filled) >= 0.8 * len(column.values):
            reading = column.readings[-1]
            why = Text(
                "the first column whose texts nearly all differ",
                "la première colonne dont les textes diffèrent presque tous",
            )
            return {column.name: Guess(column, slot, reading, LIKELY, why)}
    return {}
