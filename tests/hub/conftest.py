"""A hub of its own for each test, and small files to push."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datahub.hub import Dataset, Hub
from datahub.settings import Settings

BASE = "http://hub.test/"
LICENCE = "https://opendatacommons.org/licenses/odbl/1-0/"
HEADER = (
    "id_local,nom_lieu,ad_lieu,com_lieu,insee,type,date_maj,ouvert,source,Xlong,Ylat,"
    "nbre_pl,nbre_pmr,duree,horaires,proprio,lumiere,comm"
)


def places(*names: str, **changed: str) -> bytes:
    """A BNLC file with a good row for each name; ``changed``: name → another row or latitude."""
    rows = [HEADER]
    for name in names:
        lat = changed.get(name, "44.90")
        rows.append(
            f"{name},Aire {name},Rue du Port,Valence,26362,Parking,2026-03-12,true,200071751,4.90,{lat},4,,,,,,"
        )
    return "\n".join(rows).encode() + b"\n"


def iri(name: str, dataset: str = "places") -> str:
    """The IRI of a place of `places`."""
    return f"{BASE}records/{dataset}/places/26362-{name}"


def triples(records: dict[str, dict[str, str]], dataset: str = "things") -> bytes:
    """N-Triples of records: local name → predicate IRI → N-Triples object; each is a schema:Thing."""
    lines = []
    for name, values in records.items():
        subject = f"<{BASE}records/{dataset}/{name}>"
        lines.append(f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://schema.org/Thing> .")
        lines += [f"{subject} <{predicate}> {value} ." for predicate, value in values.items()]
    return "\n".join(lines).encode() + b"\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "hub", base_iri=BASE, query_seconds=30)


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    """A hub with two platforms, and a dataset ``places`` (BNLC files) of the first."""
    with Hub(settings) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.platforms.add("farms.example", "Farms")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="Places", licence=LICENCE)
        yield hub


@pytest.fixture
def things(hub: Hub) -> Callable[..., Dataset]:
    """Makes datasets that RDF is pushed to."""

    def make(name: str = "things", **more: str) -> Dataset:
        options = {
            "platform": "roads.example",
            "connector": "bnlc",
            "title": name,
            "licence": LICENCE,
            "profile": "core",
        }
        return hub.datasets.add(name, **{**options, **more})  # type: ignore[arg-type]

    return make
