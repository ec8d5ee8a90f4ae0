"""For each column of an unknown file the likeliest property, with its reason; and which class of records the file holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from datahub.connectors.authoring.lists import MOST, ListMatch, match, nearest
from datahub.connectors.authoring.models import RECORD, Model, Slot, Word, kin, models
from datahub.connectors.authoring.reasons import NEARLY, SYNONYM, reason
from datahub.connectors.authoring.sample import Sample
from datahub.connectors.authoring.values import EVIDENCE, KINDS, Reading, readings, share
from datahub.connectors.authoring.words import bracketed, everything, likeness, tokens
from datahub.errors import InputError
from datahub.i18n import Text
from datahub.profiles.namespaces import expand

LIKELY = 0.55
"""Below this a guess is not made."""

_LEAF = 0.92
"""What the last step of a path counts by itself."""

_LANGUAGES = frozenset({"fr", "en", "de", "es", "it", "nl", "pt", "oc", "br", "eu", "ca"})
_RIVAL = 0.4
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

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The words of its title."""
        return tokens(self.title)

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


@dataclass(frozen=True)
class Draft:
    """What was guessed about a whole file. ``rivals``: other classes of records that it might hold, the likeliest first."""

    sample: Sample
    model: Model
    guesses: tuple[Guess, ...]
    rivals: tuple[Model, ...] = ()

    def column(self, prop: str, node: str = "record") -> Guess | None:
        """The guess that fills a property of a node, or none."""
        return next((g for g in self.guesses if g.slot and (g.slot.node, g.slot.predicate) == (node, prop)), None)


def draft(
    sample: Sample,
    sector: str | None = None,
    record_class: str | None = None,
    said: Mapping[str, str] | None = None,
) -> Draft:
    """The likeliest class of records and properties for ``sample``, within ``sector`` or for ``record_class`` where given.

    ``said``: column → property, as a compact IRI or one of its names; an empty one leaves the column out.

    Raises:
        InputError: ``sector-unknown``, ``class-unknown``, ``column-unknown`` or ``property-unknown``.
    """
    columns = [_column(sample, name) for name in sample.table.columns]
    _check_columns(columns, said or {})
    chosen = _candidates(sector, record_class)
    found = [(model, _assigned(columns, model, said or {})) for model in chosen]
    if said:
        _check_properties(said, found)
    ranked = sorted(found, key=lambda each: -_weight(each[1]))
    model, guesses = ranked[0]
    rivals = tuple(other for other, theirs in ranked[1:3] if _weight(theirs) > _RIVAL * _weight(guesses))
    return Draft(sample, model, tuple(_completed(guess) for guess in guesses), rivals)


def _candidates(sector: str | None, record_class: str | None) -> list[Model]:
    known = list(models())
    if record_class is not None:
        wanted = expand(record_class)
        found = [model for model in known if wanted == expand(model.type) or record_class == model.name]
        if not found:
            raise _unknown("class", record_class, [model.type for model in known])
        return found
    if sector is not None:
        found = [model for model in known if model.sector == sector]
        if not found:
            raise _unknown("sector", sector, sorted({model.sector for model in known}))
        return found
    return known


def _unknown(what: str, value: str, known: Sequence[str]) -> InputError:
    words = {"class": ("class of records", "classe de fiches"), "sector": ("sector", "secteur")}[what]
    listed = ", ".join(known)
    return InputError(
        f"{what}-unknown",
        Text(f"There is no {words[0]} “{value}”.", f"Il n'y a pas de {words[1]} « {value} »."),
        Text(f"Known: {listed}.", f"Connus : {listed}."),
    )


def _column(sample: Sample, name: str) -> Column:
    title = sample.titles[name]
    words = title.split()
    language = words[-1] if len(words) > 1 and words[-1].lower() in _LANGUAGES and sample.kind != "csv" else None
    shown = " ".join(words[:-1]) if language else title
    values = sample.texts(name)
    parts = re.split(r"[\s:]+", shown) if sample.kind != "csv" else []
    return Column(name, shown, values, readings(values), language, parts[-1] if len(parts) > 1 else None)


def _weight(guesses: Iterable[Guess]) -> float:
    return sum(guess.score * guess.slot.tells for guess in guesses if guess.slot)


def _assigned(columns: Sequence[Column], model: Model, said: Mapping[str, str]) -> tuple[Guess, ...]:
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


def _completed(guess: Guess) -> Guess:
    return replace(guess, match=nearest(guess.match)) if guess.match else guess


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


def _check_columns(columns: Sequence[Column], said: Mapping[str, str]) -> None:
    known = {name for column in columns for name in (column.name, column.title)}
    for name in said:
        if name not in known:
            listed = ", ".join(column.title for column in columns)
            raise InputError(
                "column-unknown",
                Text(f"The sample has no column “{name}”.", f"L'exemple n'a pas de colonne « {name} »."),
                Text(f"It has: {listed}.", f"Il a : {listed}."),
            )


def _check_properties(said: Mapping[str, str], found: list[tuple[Model, tuple[Guess, ...]]]) -> None:
    """Leaves the models that have every property that was said; raises `InputError` where none has one."""
    for name, word in said.items():
        fitting = [each for each in found if not word or each[0].slot(word) is not None]
        if not fitting:
            model = max(found, key=lambda each: _weight(each[1]))[0]
            en, fr = (", ".join(slot.label.to(lang) for slot in model.slots) for lang in ("en", "fr"))
            raise InputError(
                "property-unknown",
                Text(
                    f"“{word}” for the column “{name}” is no property here.",
                    f"« {word} » pour la colonne « {name} » n'est pas une propriété ici.",
                ),
                Text(f"Those there are: {en}.", f"Il y a : {fr}."),
            )
        found[:] = fitting


def _option(column: Column, slot: Slot, weights: Mapping[str, float], within: frozenset[str]) -> Guess | None:
    """How likely it is that ``column`` fills ``slot``: its name and its values, each of which may tell alone."""
    empty = column.readings[0].kind == "empty"
    if not (empty or slot.yes) and column.kinds.isdisjoint(slot.reads):
        return None
    word, named = _likest(column, slot, weights)
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
        factor *= 0.5 if number else 0.85
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
        if whole == word.tokens:
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
    kind = KINDS[column.readings[0].kind]
    return Guess(
        column,
        None,
        column.readings[0],
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
