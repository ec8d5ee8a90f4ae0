"""How a record is known from one delivery to the next: the columns that tell records apart."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datahub.connectors.authoring.drafting import Draft
from datahub.connectors.authoring.guess import Guess
from datahub.connectors.definition import Key
from datahub.errors import InputError
from datahub.i18n import Text

IDENTIFIERS = (
    "dct:identifier",
    "dfc-b:sku",
    "dhm:nationalIdentifier",
    "dhm:localIdentifier",
    "schema:gtin",
    "dfc-b:enterpriseID",
    "gtfs:code",
    "dhh:registrationNumber",
)
"""Properties whose columns are asked first."""

_BESIDE = ("insee", "identifier")
_NEARLY = 0.98
_MANY = 50
_WIDEST = 4
_UNFIT = frozenset({"prose", "price", "boolean", "date", "datetime", "image", "email", "phone"})


@dataclass(frozen=True)
class Keys:
    """``keys`` as ``connector.yaml`` has them, and why."""

    keys: tuple[Key, ...]
    reason: Text

    @property
    def single(self) -> str | None:
        """The one column that is the whole key, where it is so."""
        (first, *others) = self.keys
        return first.columns[0] if len(first.columns) == 1 and not first.also and not others else None


def keys(draft: Draft) -> Keys:
    """The columns that tell the records of the sample apart. Raises `InputError` ``sample-identifier`` where there is none."""
    table = draft.sample.table
    usable = [guess for guess in draft.guesses if guess.column.name not in draft.sample.several]
    if draft.sample.kind != "csv":  # a path into JSON is only read where the mapping uses it
        usable = [guess for guess in usable if guess.slot]
    own = sorted((guess for guess in usable if guess.slot and guess.slot.predicate in IDENTIFIERS), key=_rank)
    for guess in own:
        if _unique(table, [guess.column.name]) and _filled(guess) == 1:
            return _own(guess)
    for guess in own:
        for other in [*own, *(each for each in usable if each.reading.kind in _BESIDE)]:
            pair = [other.column.name, guess.column.name]
            if other is not guess and _filled(guess) == _filled(other) == 1 and _unique(table, pair):
                return Keys(
                    (Key(tuple(pair)),),
                    Text("together they differ in every row", "ensemble, elles diffèrent à chaque ligne"),
                )
    for guess in own:
        if _filled(guess) > 0.5 and _unique(table.drop_nulls(guess.column.name), [guess.column.name]):
            made = _made(usable, table)
            why = Text("it differs wherever it is filled", "elle diffère partout où elle est remplie")
            return Keys((Key((guess.column.name,)), made), why)
    for guess in usable:
        kinds = {reading.kind for reading in guess.column.readings}
        likely = kinds & {"ean", "siret"} or (guess.reading.kind == "identifier" and not guess.slot)
        if likely and _unique(table, [guess.column.name]) and _filled(guess) == 1:
            return _own(guess)
    if not usable:
        raise InputError(
            "sample-identifier",
            Text(
                "Nothing that is read of a record has one value only, so records can't be told apart.",
                "Rien de ce qui est lu d'une fiche n'a une seule valeur : les fiches ne peuvent être distinguées.",
            ),
            Text(
                "Say with --column what holds their name or identifier, or give a sample that has one.",
                "Dites par --column ce qui contient leur nom ou identifiant, ou donnez un exemple qui en a un.",
            ),
        )
    return Keys(
        (_made(usable, table),),
        Text(
            "no column is an identifier, so one is made up from these; it changes when they change",
            "aucune colonne n'est un identifiant : il est formé de celles-ci et change avec elles",
        ),
    )


def _own(guess: Guess) -> Keys:
    name = guess.column.title
    return Keys(
        (Key((guess.column.name,)),),
        Text(f"“{name}” is filled and differs in every row", f"« {name} » est remplie et diffère à chaque ligne"),
    )


def _rank(guess: Guess) -> int:
    return IDENTIFIERS.index(guess.slot.predicate) if guess.slot else len(IDENTIFIERS)


def _filled(guess: Guess) -> float:
    values = guess.column.values
    return 1 - values.null_count() / len(values) if len(values) else 0.0


def _unique(table: pl.DataFrame, columns: list[str]) -> bool:
    count = table.select(columns).n_unique()
    return count == table.height or (table.height >= _MANY and count >= _NEARLY * table.height)


def _tells(table: pl.DataFrame, chosen: list[str], more: str) -> bool:
    return table.select([*chosen, more]).n_unique() > table.select(chosen).n_unique()


def _made(usable: list[Guess], table: pl.DataFrame) -> Key:
    """The fewest columns that differ together: the name first, then whatever tells most apart."""
    named = [
        guess
        for guess in usable
        if guess.slot and guess.slot.predicate.endswith(":name") and guess.slot.node == "record"
    ]
    start = (named or [guess for guess in usable if _filled(guess) == 1] or usable)[0].column.name
    chosen = [start]
    while not _unique(table, chosen) and len(chosen) < _WIDEST:
        free = [guess for guess in usable if guess.column.name not in chosen and _filled(guess) > 0]
        free = [guess for guess in free if guess.reading.kind not in _UNFIT]
        # What the mapping reads can be written back; other columns only where those tell nothing apart.
        told = [guess.column.name for guess in free if guess.kept and _tells(table, chosen, guess.column.name)]
        rest = told or [guess.column.name for guess in free]
        if not rest:
            break
        best = max(rest, key=lambda name: table.select([*chosen, name]).n_unique())
        if not _tells(table, chosen, best):
            break
        chosen.append(best)
    # Rows with an empty cell in a key are refused; columns with gaps are only put behind it.
    full = [name for name in chosen if not table[name].null_count()] or chosen[:1]
    return Key(tuple(full), also=tuple(name for name in chosen if name not in full), made=True)
