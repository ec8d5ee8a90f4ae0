"""What survives between the formats of a sector: the samples of each connector, written in the format of each other one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import polars as pl

from datahub.connectors.connector import Connector, connectors
from datahub.connectors.translate import translate
from datahub.errors import NotFoundError
from datahub.i18n import Text
from datahub.mapping import Loss
from datahub.rdf.terms import RDF_TYPE, curie


@dataclass(frozen=True)
class Field:
    """A property of the samples: how often it stands there, how often what it says is lost, and how often it is written, but comes
    back under another address or name."""

    name: str
    total: int
    lost: int
    restated: int


@dataclass(frozen=True)
class Pair:
    """What becomes of the samples of ``source`` in the format of ``target``. ``fields``: all properties, by name."""

    sector: str
    source: str
    target: str
    fields: tuple[Field, ...]

    @property
    def restated(self) -> tuple[Field, ...]:
        """The fields that are written, but come back under another address or name in some records."""
        return tuple(field for field in self.fields if field.restated)

    @property
    def kept(self) -> tuple[Field, ...]:
        """The fields that survive wherever they stand."""
        return tuple(field for field in self.fields if not field.lost)

    @property
    def partly(self) -> tuple[Field, ...]:
        """The fields that survive in some records."""
        return tuple(field for field in self.fields if 0 < field.lost < field.total)

    @property
    def lost(self) -> tuple[Field, ...]:
        """The fields of which nothing survives."""
        return tuple(field for field in self.fields if field.lost == field.total)


def sectors() -> tuple[str, ...]:
    """The sectors that have connectors."""
    return tuple(sorted({one.profile for one in connectors()}))


def matrix(sector: str | None = None) -> tuple[Pair, ...]:
    """Every ordered pair of different connectors of one sector (by default of each) of which one is read and the other written.

    Raises NotFoundError ``sector-unknown`` where no connector is of that sector.
    """
    known = sectors()
    if sector is not None and sector not in known:
        raise NotFoundError(
            "sector-unknown",
            Text(f"There is no sector “{sector}”.", f"Il n'y a pas de secteur « {sector} »."),
            Text(f"Known: {', '.join(known)}.", f"Connus : {', '.join(known)}."),
        )
    chosen = [one for one in connectors() if sector in (None, one.profile)]
    return tuple(
        _pair(source, target)
        for source, target in sorted(permutations(chosen, 2), key=lambda pair: (pair[0].profile, pair[0].name))
        if source.profile == target.profile and "in" in source.directions and "out" in target.directions
    )


def _pair(source: Connector, target: Connector) -> Pair:
    counted = pl.concat([_fields(translate(path, source, target, path.name).loss) for path in source.samples])
    summed = counted.group_by("field").agg(pl.col("total", "lost", "restated").sum()).sort("field")
    return Pair(source.profile, source.name, target.name, tuple(Field(*row) for row in summed.iter_rows()))


def _fields(loss: Loss) -> pl.DataFrame:
    """The fields of one loss. A class is no field; where a record stands alone its class is named, as there is no path."""
    return loss.fields.filter(
        pl.col("field") != curie(RDF_TYPE), ~pl.col("field").str.ends_with("/" + curie(RDF_TYPE))
    ).select("field", "total", pl.col("lost") - pl.col("restated"), "restated")
