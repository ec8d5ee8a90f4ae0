"""A hub on PostgreSQL is the same hub; and real files of others go through."""

from pathlib import Path

import pytest

from datahub.errors import InputError
from datahub.hub import Hub
from datahub.settings import Settings
from tests.hub.conftest import BASE, LICENCE, places, triples

BNLC = Path(__file__).parents[3] / "shared" / "corpus" / "mobility" / "bnlc.csv"


@pytest.fixture
def postgres(postgres_url: str) -> str:
    """The URL of an empty database."""
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_url


def test_a_hub_on_postgresql_is_the_same_hub(tmp_path: Path, postgres: str) -> None:
    found = []
    for number, url in enumerate((None, postgres)):
        with Hub(Settings(data_dir=tmp_path / str(number), log_url=url, base_iri=BASE)) as hub:
            hub.platforms.add("roads.example", "Roads")
            hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
            names = ["b", "Z", "é", "a-", "a", "É2", "_"]
            reports = [
                hub.push("places", places(*names, a="91.5")),
                hub.push("places", places(*names[:4], b="44.1")),
                hub.push("places", places("q"), mode="delta"),
            ]
            hub.datasets.update("places", visibility="members")
            hub.datasets.update("places", visibility="open")
            before = hub._index.everything().drop("modified")
            hub.rebuild()
            pages, cursor = [], None
            while True:
                page = hub.records(limit=2, cursor=cursor)
                pages.append(page.table.drop("modified").rows())
                if (cursor := page.next) is None:
                    break
            found.append(
                (
                    [report.counts for report in reports],
                    before.rows(),
                    hub._index.everything().drop("modified").rows(),
                    pages,
                    hub.changes().table.drop("time").rows(),
                    hub.states().table.drop("time").rows(),
                    hub.refused(reports[0].id).rows(),
                    sorted(hub.sparql("SELECT ?s ?n { ?s <http://schema.org/name> ?n }", format="csv").data.split()),
                    hub.extent(),
                    [version.op for version in hub.history(hub.records(limit=1).items[0].record)],
                )
            )
    assert found[0] == found[1]
    assert found[0][1] == found[0][2]


def test_a_text_that_postgresql_can_not_hold_stops_nothing(tmp_path: Path, postgres: str) -> None:
    with Hub(Settings(data_dir=tmp_path, log_url=postgres, base_iri=BASE)) as hub:
        hub.platforms.add("roads.example", "Roads")
        hub.datasets.add("places", platform="roads.example", connector="bnlc", title="P", licence=LICENCE)
        nul = '"Gare\\u0000 nord"'
        data = triples({"a": {"http://schema.org/name": nul, "http://schema.org/addressLocality": nul}}, "places")
        assert hub.push("places", data, filename="x.nt", mode="delta").counts.refused == 0
        assert [(item.label, item.locality) for item in hub.records(q="gare").items] == [("Gare nord", "Gare nord")]
        assert "\x00" in hub.frame().terms["lexical"].str.join("").item()
        for ask in (lambda: hub.records(kind="\x00"), lambda: hub.record("\x00"), lambda: hub.push_report("\x00")):
            with pytest.raises(InputError) as error:
                ask()
            assert error.value.code == "log-value"


@pytest.mark.corpus
@pytest.mark.skipif(not BNLC.exists(), reason="others' data is not here: ../shared is absent")
def test_the_national_base_of_carpool_places_is_taken_but_for_its_bad_rows(hub: Hub) -> None:
    report = hub.push("places", BNLC)
    assert report.counts.read == 2473
    assert report.counts.created + report.counts.refused == 2473
    columns = {(group.code, group.column) for group in report.groups if group.severity == "violation"}
    assert ("identifier-collision", "insee, id_local") in columns
    rows = {row for group in report.groups if group.severity == "violation" for row in group.rows}
    assert rows - {1512} == {275, 276, 728, 1175}, "and 1512 until its date, the 13th of December 2026, has come"
    assert hub.push("places", BNLC).counts.unchanged == report.counts.created
    drome = hub.records("places", department="26", limit=500)
    assert drome.total == drome.table.height > 10
    count = hub.sparql(
        "SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/datahub/ns/mobility/MeetingPoint> }", format="csv"
    )
    assert count.data.split() == [b"n", str(report.counts.created).encode()]
