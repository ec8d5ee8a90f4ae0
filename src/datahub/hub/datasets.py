"""Datasets: a named set of records that a platform publishes, with one connector, profile, licence and visibility."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from datahub.connectors import connector as load_connector
from datahub.errors import ConflictError, InputError, NotFoundError
from datahub.hub.access import Platforms, moment, now, web_address
from datahub.hub.audience import ADMIN, ANONYMOUS, Reader, level
from datahub.i18n import Text
from datahub.profiles import profile as load_profile
from datahub.records.database import Database
from datahub.records.tables import dataset, tally
from datahub.records.visibility import RANKS, Visibility, rank
from datahub.settings import Settings

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Dataset:
    """``licence``: its IRI. ``source``: the platform's own page of the data. ``modified``, ``seq``: of its last version.
    ``records``: how many stand, of every visibility. ``withdrawn``: the platform took it back; feeds keep the tombstones."""

    id: str
    platform: str
    title: Text
    description: Text
    connector: str
    profile: str
    licence: str
    visibility: Visibility
    source: str | None
    created: datetime
    modified: datetime | None
    seq: int
    records: int
    iri: str
    withdrawn: bool


class Datasets:
    """The register of datasets. ``revise`` writes the versions that a change of visibility or a withdrawal needs."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        platforms: Platforms,
        revise: Callable[[Dataset, Visibility | None], object],
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._settings = settings
        self._platforms = platforms
        self._revise = revise
        self._changed = changed

    def add(
        self,
        id: str,  # noqa: A002
        *,
        platform: str,
        connector: str,
        title: Text | str,
        licence: str,
        description: Text | str = "",
        profile: str | None = None,
        visibility: Visibility = "open",
        source: str | None = None,
    ) -> Dataset:
        """Registers a dataset.

        Raises:
            InputError: ``dataset-id``, ``licence``, ``source`` or ``visibility`` is unusable.
            NotFoundError: there is no such platform, connector or profile. ConflictError: ``dataset-exists``.
        """
        if not _ID.fullmatch(id):
            raise InputError(
                "dataset-id",
                Text("“{id}” can't name a dataset.", "« {id} » ne peut pas nommer un jeu de données.").format(id=id),
                Text(
                    "Use lower-case letters, digits and hyphens, at most 63.",
                    "Utilisez minuscules, chiffres et tirets, 63 au plus.",
                ),
            )
        self._platforms.get(platform)
        chosen = load_profile(profile or load_connector(connector).profile).name
        load_connector(connector)
        title, description = _text(title), _text(description)
        values = {
            "id": id,
            "platform": platform,
            "title_en": title.en,
            "title_fr": title.fr,
            "description_en": description.en,
            "description_fr": description.fr,
            "connector": connector,
            "profile": chosen,
            "licence": web_address(licence, "licence"),
            "visibility": _rank(visibility),
            "source": None if source is None else web_address(source, "source"),
            "created": now(),
        }
        try:
            with self._database.write() as connection:
                connection.execute(dataset.insert().values(values))
        except sa.exc.IntegrityError:
            raise ConflictError(
                "dataset-exists",
                Text("The dataset “{id}” is there already.", "Le jeu de données « {id} » existe déjà.").format(id=id),
                Text("Choose another name, or push to it.", "Choisissez un autre nom, ou envoyez-y vos données."),
            ) from None
        self._changed()
        return self.get(id, ADMIN)

    def get(self, id: str, reader: Reader = ANONYMOUS) -> Dataset:  # noqa: A002
        """The dataset called ``id``. Raises NotFoundError ``dataset-unknown``, also where ``reader`` may not know of it."""
        found = self._select(reader, dataset.c.id == id)
        if not found:
            raise NotFoundError(
                "dataset-unknown",
                Text("There is no dataset “{id}”.", "Il n'y a pas de jeu de données « {id} ».").format(id=id),
                Text("See the list of datasets.", "Voyez la liste des jeux de données."),
            )
        return found[0]

    def all(
        self, reader: Reader = ANONYMOUS, platform: str | None = None, withdrawn: bool = False
    ) -> tuple[Dataset, ...]:
        """The datasets that ``reader`` may know of, by title and id; withdrawn ones only if asked."""
        conditions = [] if platform is None else [dataset.c.platform == platform]
        if not withdrawn:
            conditions.append(dataset.c.withdrawn.is_(None))
        found = self._select(reader, *conditions)
        return tuple(sorted(found, key=lambda each: (_folded(each.title.fr), each.id)))

    def update(
        self,
        id: str,  # noqa: A002
        *,
        title: Text | str | None = None,
        description: Text | str | None = None,
        licence: str | None = None,
        source: str | None = None,
        visibility: Visibility | None = None,
    ) -> Dataset:
        """Changes what is given. A new visibility makes a version of each record whose own visibility it changes, so that
        whoever may no longer see it gets a tombstone."""
        before = self.get(id, ADMIN)
        values: dict[str, Any] = {}
        for name, text in (("title", title), ("description", description)):
            if text is not None:
                values |= {f"{name}_en": _text(text).en, f"{name}_fr": _text(text).fr}
        if licence is not None:
            values["licence"] = web_address(licence, "licence")
        if source is not None:
            values["source"] = web_address(source, "source")
        if visibility is not None:
            _rank(visibility)
        self._set(id, values)
        if visibility is not None and visibility != before.visibility:
            self._revise(before, visibility)
        self._changed()
        return self.get(id, ADMIN)

    def settle(self, id: str, visibility: Visibility | None) -> None:  # noqa: A002
        """Notes a new visibility, or with None the withdrawal. Whoever calls it writes the versions that go with it."""
        self._set(id, {"withdrawn": now()} if visibility is None else {"visibility": rank(visibility)})

    def _set(self, id: str, values: dict[str, Any]) -> None:  # noqa: A002
        if values:
            with self._database.write() as connection:
                connection.execute(dataset.update().where(dataset.c.id == id).values(values))

    def _select(self, reader: Reader, *conditions: Any) -> list[Dataset]:
        statement = (
            sa.select(dataset, tally.c.seq, tally.c.records, tally.c.time)
            .outerjoin(tally, tally.c.dataset == dataset.c.id)
            .where(*conditions)
            .order_by(dataset.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [self._dataset(row) for row in rows if row.visibility <= level(reader, row.platform)]

    def _dataset(self, row: Any) -> Dataset:
        return Dataset(
            id=row.id,
            platform=row.platform,
            title=Text(row.title_en, row.title_fr),
            description=Text(row.description_en, row.description_fr),
            connector=row.connector,
            profile=row.profile,
            licence=row.licence,
            visibility=RANKS[row.visibility],
            source=row.source,
            created=moment(row.created),
            modified=moment(row.time) if row.time is not None else None,
            seq=row.seq or 0,
            records=int(row.records or 0),
            iri=self._settings.dataset_iri(row.id),
            withdrawn=row.withdrawn is not None,
        )

    def remove(self, id: str) -> object:  # noqa: A002
        """Withdraws a dataset: every record gets a deletion version, so that every copy learns of it. Returns the report."""
        report = self._revise(self.get(id, ADMIN), None)
        self._changed()
        return report


def levels(datasets: tuple[Dataset, ...], reader: Reader) -> pl.DataFrame:
    """The highest rank that ``reader`` sees in each dataset: columns dataset and level."""
    rows = [(each.id, level(reader, each.platform)) for each in datasets]
    return pl.DataFrame(rows, schema={"dataset": pl.String, "level": pl.UInt8}, orient="row")


def _text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else Text(value, value)


def _folded(title: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))


def _rank(visibility: Visibility) -> int:
    if visibility not in RANKS:
        raise InputError(
            "visibility",
            Text("“{v}” is not a visibility.", "« {v} » n'est pas une visibilité.").format(v=visibility),
            Text("Choose open, members or private.", "Choisissez open, members ou private."),
        )
    return rank(visibility)
