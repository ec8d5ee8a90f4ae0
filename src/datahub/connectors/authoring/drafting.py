"""A whole draft: which class of records a file holds, where its columns belong, and which lists are nodes of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from datahub.connectors.authoring.guess import Column, Guess, assigned, column, weight
from datahub.connectors.authoring.lists import nearest
from datahub.connectors.authoring.models import Model, models
from datahub.connectors.authoring.parts import Parts, parts
from datahub.connectors.authoring.sample import Sample
from datahub.errors import InputError
from datahub.i18n import Text
from datahub.profiles.namespaces import expand

_RIVAL = 0.4
_SURE = 0.8
_MOST_PLACED = 0.8
_TELLING = frozenset({"name", "latitude", "longitude", "streetAddress", "sku"})
"""Properties that records of any class here have, by their local names."""
_TYPES = frozenset({"@type", "type", "rdf:type"})
"""Members of JSON that name the class of a record."""
_SAID = 6.0
_RELATED = 2.0
"""What it weighs that records say their class, or a class that the file may be called after."""


@dataclass(frozen=True)
class Draft:
    """What was guessed about a whole file. ``rivals``: other classes of records that it might hold, the likeliest first.
    ``parts``: lists of objects in the records."""

    sample: Sample
    model: Model
    guesses: tuple[Guess, ...]
    rivals: tuple[Model, ...] = ()
    parts: Parts = field(default_factory=lambda: Parts({}, {}))

    @property
    def doubtful(self) -> bool:
        """Whether the file may hold something else than records of any class here: nothing names or places them for sure, and
        many columns say nothing."""
        placed = [guess for guess in self.guesses if guess.slot is not None]
        sure = any(
            guess.slot is not None and guess.score >= _SURE and guess.slot.predicate.rpartition(":")[2] in _TELLING
            for guess in placed
        )
        return not sure and len(placed) < _MOST_PLACED * len(self.guesses)

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
    columns = [column(sample, name) for name in sample.table.columns]
    _check_columns(columns, said or {})
    chosen = _candidates(sector, record_class)
    found = [(model, assigned(columns, model, said or {})) for model in chosen]
    if said:
        _check_properties(said, found)
    ranked = sorted(found, key=lambda each: -_likely(sample, *each))
    model, guesses = ranked[0]
    rivals = tuple(other for other, theirs in ranked[1:3] if _likely(sample, other, theirs) > _RIVAL * weight(guesses))
    kept, split = parts(model, [_completed(guess) for guess in guesses], sample)
    return Draft(sample, model, kept, rivals, split)


def _likely(sample: Sample, model: Model, guesses: Sequence[Guess]) -> float:
    """How likely the records are of the class of ``model``: by their columns, and by the class that they name themselves."""
    own, related = _local(model.type), {_local(each) for each in model.called}
    said = _classes(sample)
    return weight(guesses) + (_SAID if own in said else _RELATED if said & related else 0.0)


def _classes(sample: Sample) -> set[str]:
    """The local names of the classes that at least half of the records say that they are of."""
    names: set[str] = set()
    for name, title in sample.titles.items():
        if title in _TYPES and sample.kind != "csv":
            cells = sample.table[name]
            rows = pl.DataFrame({"row": range(len(cells)), "value": cells})
            if isinstance(cells.dtype, pl.List):
                rows = rows.explode("value")
            counts = rows.drop_nulls().group_by("value").agg(pl.col("row").n_unique().alias("count"))
            names |= {_local(value) for value, count in counts.iter_rows() if count >= len(cells) / 2}
    return names


def _local(name: str) -> str:
    return re.split(r"[#/:]", name)[-1]


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


def _completed(guess: Guess) -> Guess:
    return replace(guess, match=nearest(guess.match)) if guess.match else guess


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
            model = max(found, key=lambda each: weight(each[1]))[0]
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
