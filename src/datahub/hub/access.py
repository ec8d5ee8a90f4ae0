"""Platforms and their API keys."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from datahub.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from datahub.hub.audience import ADMIN, ANONYMOUS, Reader
from datahub.i18n import Text
from datahub.records.database import Database
from datahub.records.tables import api_key, platform
from datahub.settings import Settings

_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_IRI = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+")
_PREFIX = "dhk_"


@dataclass(frozen=True)
class Platform:
    """An organisation that publishes. ``id``: its domain name. ``kind``: a concept of the scheme of platform kinds."""

    id: str
    name: str
    home: str | None
    kind: str | None
    approved: bool
    created: datetime
    iri: str


@dataclass(frozen=True)
class ApiKey:
    """A key of a platform. The secret itself is shown once and never stored."""

    id: str
    platform: str
    label: str
    created: datetime
    revoked: datetime | None


class Platforms:
    """The register of platforms."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def add(
        self,
        id: str,  # noqa: A002
        name: str,
        *,
        home: str | None = None,
        kind: str | None = None,
        approved: bool = True,
    ) -> Platform:
        """Registers a platform. Raises InputError ``platform-id``, ConflictError ``platform-exists``."""
        if not _DOMAIN.fullmatch(id):
            raise InputError(
                "platform-id",
                Text("“{id}” is not a domain name.", "« {id} » n'est pas un nom de domaine.").format(id=id),
                Text(
                    "Name the platform by its domain, in lower case: example.org.",
                    "Nommez la plateforme par son domaine, en minuscules : exemple.org.",
                ),
            )
        values = {
            "id": id,
            "name": name,
            "home": None if home is None else web_address(home, "home"),
            "kind": None if kind is None else web_address(kind, "kind"),
            "approved": approved,
            "created": now(),
        }
        try:
            with self._database.write() as connection:
                connection.execute(platform.insert().values(values))
        except sa.exc.IntegrityError:
            raise ConflictError(
                "platform-exists",
                Text("The platform “{id}” is there already.", "La plateforme « {id} » existe déjà.").format(id=id),
            ) from None
        return self.get(id)

    def get(self, id: str) -> Platform:  # noqa: A002
        """The platform called ``id``. Raises NotFoundError ``platform-unknown``."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(platform).where(platform.c.id == id)).one_or_none()
        if row is None:
            raise NotFoundError(
                "platform-unknown",
                Text("There is no platform “{id}”.", "Il n'y a pas de plateforme « {id} ».").format(id=id),
            )
        return self._platform(row)

    def all(self) -> tuple[Platform, ...]:
        """All platforms by id."""
        with self._database.read() as connection:
            return tuple(self._platform(row) for row in connection.execute(sa.select(platform).order_by(platform.c.id)))

    def approve(self, id: str, approved: bool = True) -> Platform:  # noqa: A002
        """Approves a platform, or takes the approval back."""
        self.get(id)
        with self._database.write() as connection:
            connection.execute(platform.update().where(platform.c.id == id).values(approved=approved))
        return self.get(id)

    def _platform(self, row: Any) -> Platform:
        iri = self._settings.platform_iri(row.id)
        return Platform(row.id, row.name, row.home, row.kind, row.approved, moment(row.created), iri)


class Keys:
    """API keys: who pushes, and who reads as a member."""

    def __init__(self, database: Database, settings: Settings, platforms: Platforms) -> None:
        self._database = database
        self._settings = settings
        self._platforms = platforms

    def issue(self, platform_id: str, label: str = "") -> tuple[ApiKey, str]:
        """A new key for a platform, and its secret, which can't be shown again."""
        self._platforms.get(platform_id)
        secret = _PREFIX + secrets.token_urlsafe(32)
        key = secrets.token_hex(8)
        created = now()
        with self._database.write() as connection:
            connection.execute(
                api_key.insert().values(id=key, platform=platform_id, label=label, hash=_hash(secret), created=created)
            )
        return ApiKey(key, platform_id, label, moment(created), None), secret

    def revoke(self, key: str) -> None:
        """Makes a key invalid from now on. Raises NotFoundError ``key-unknown``."""
        statement = api_key.update().where(api_key.c.id == key, api_key.c.revoked.is_(None)).values(revoked=now())
        with self._database.write() as connection:
            if not connection.execute(statement).rowcount:
                raise NotFoundError("key-unknown", Text("There is no such key in use.", "Aucune clé valide de ce nom."))

    def all(self, platform_id: str) -> tuple[ApiKey, ...]:
        """The keys of a platform, newest first."""
        statement = sa.select(api_key).where(api_key.c.platform == platform_id)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(api_key.c.created.desc(), api_key.c.id)).all()
        return tuple(
            ApiKey(row.id, row.platform, row.label, moment(row.created), moment(row.revoked) if row.revoked else None)
            for row in rows
        )

    def reader(self, secret: str | None) -> Reader:
        """Who reads with the key ``secret``; a stranger without one. Raises ForbiddenError ``key-unknown`` for a wrong one."""
        if secret is None:
            return ANONYMOUS
        admin = self._settings.admin_key
        if admin is not None and hmac.compare_digest(admin.get_secret_value().encode(), secret.encode()):
            return ADMIN
        statement = (
            sa.select(platform.c.id, platform.c.approved)
            .join(api_key, api_key.c.platform == platform.c.id)
            .where(api_key.c.hash == _hash(secret), api_key.c.revoked.is_(None))
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise ForbiddenError(
                "key-unknown",
                Text("This API key is not valid.", "Cette clé d'API n'est pas valide."),
                Text("Ask the hub for a new one.", "Demandez-en une nouvelle au hub."),
            )
        return Reader(row.id, row.approved)


def now() -> int:
    """The present in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def moment(microseconds: int) -> datetime:
    """A time of the log as a datetime in UTC."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def web_address(value: str, field: str) -> str:
    """``value`` when it is an absolute http(s) IRI. Raises InputError with the code ``field``."""
    if not _IRI.fullmatch(value):
        raise InputError(
            field,
            Text("“{value}” is not a web address.", "« {value} » n'est pas une adresse web.").format(value=value),
            Text(
                "Give the full address, beginning with https://.", "Donnez l'adresse complète, commençant par https://."
            ),
        )
    return value


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
