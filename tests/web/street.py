"""A hub with five small datasets of four platforms, for the tests of the web."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from datahub.connectors import connector
from datahub.hub import Hub, PushReport
from datahub.i18n import Text
from datahub.settings import Settings
from datahub.web import create_app

OPEN_LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
ODBL = "https://opendatacommons.org/licenses/odbl/1-0/"


def sample(name: str, part: str = "") -> Path:
    """The first sample file of a connector whose name holds ``part``."""
    return next(path for path in connector(name).samples if part in path.name)


@dataclass(frozen=True)
class Street:
    """A hub with the samples of three platforms, its web client, and the keys."""

    hub: Hub
    client: TestClient
    keys: dict[str, str]
    reports: dict[str, PushReport]

    def as_(self, platform: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[platform]}"}


DATASETS = (
    ("carpool", "covoiturage.example", "bnlc", "open", ODBL, "base-rhone"),
    ("market", "marche.example", "ofn-products", "open", OPEN_LICENCE, "amap"),
    ("stays", "accueil.example", "hospitality-offers", "open", OPEN_LICENCE, "passeurs"),
    ("secret", "accueil.example", "hospitality-offers", "private", OPEN_LICENCE, "passeurs"),
    ("circle", "marche.example", "ofn-products", "members", OPEN_LICENCE, "inventaire"),
)


def opened(folder: Path, keys: dict[str, str], reports: dict[str, PushReport], **settings: object) -> Street:
    """The hub that lies in ``folder``, with the keys and reports of `fill`."""
    hub = Hub(Settings(data_dir=folder, base_iri="https://hub.example/", default_lang="en", **settings))  # type: ignore[arg-type]
    client = TestClient(create_app(hub), base_url="https://hub.example", follow_redirects=False)
    return Street(hub, client, keys, reports)


def filled(folder: Path) -> Street:
    """A new hub in ``folder`` with all of `DATASETS` pushed."""
    street = opened(folder, {}, {})
    hub, keys, reports = street.hub, street.keys, street.reports
    for platform in ("covoiturage.example", "marche.example", "accueil.example", "voisin.example"):
        hub.platforms.add(platform, platform.split(".")[0].title(), home=f"https://{platform}/")
        keys[platform] = hub.keys.issue(platform)[1]
    for name, platform, format_, visibility, licence, part in DATASETS:
        hub.datasets.add(
            name,
            platform=platform,
            connector=format_,
            title=Text(f"The {name}", f"Le {name}"),
            description=Text(f"What {platform} has", f"Ce que {platform} propose"),
            licence=licence,
            visibility=visibility,  # type: ignore[arg-type]
            source=f"https://{platform}/{name}",
        )
        reports[name] = hub.push(name, sample(format_, part))
    return street
