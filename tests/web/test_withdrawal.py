"""Taking back: a record or a whole dataset, by its platform, over HTTP; then it is nowhere to be had."""

from __future__ import annotations

import pytest

from tests.web.street import Street

MARKET = "marche.example"
OPEN = (
    "/records?format=nt",
    "/datasets/market/records?format=csv",
    "/map",
    "/catalog",
    "/collections",
    "/sparql?query=SELECT * {?s ?p ?o}",
)


def test_a_platform_takes_a_record_back_without_sending_a_file(workshop: Street) -> None:
    gone = next(one for one in workshop.hub.records("market").items if "/products/" in one.record)
    answer = workshop.client.post(
        "/datasets/market/pushes", params={"mode": "delta", "delete": gone.record}, headers=workshop.as_(MARKET)
    )
    assert (answer.status_code, answer.json()["counts"]["deleted"]) == (201, 1), answer.text
    for path in OPEN:
        assert gone.label not in workshop.client.get(path).text, path
    for form in ("html", "json", "ttl", "csv", "geojson"):
        assert workshop.client.get(gone.record, params={"format": form}).status_code == 410


def test_a_platform_takes_a_dataset_back_after_confirming(workshop: Street) -> None:
    records = [one.record for one in workshop.hub.records("market", limit=1000).items]
    asked = workshop.client.delete("/datasets/market", headers=workshop.as_(MARKET))
    assert (asked.status_code, asked.json()["code"]) == (409, "withdrawal-unconfirmed")
    assert str(len(records)) in asked.json()["detail"]
    assert workshop.client.get(records[0]).status_code == 200
    answer = workshop.client.delete("/datasets/market?allow_deletions=true", headers=workshop.as_(MARKET))
    assert answer.status_code == 200
    assert answer.json()["counts"]["deleted"] == len(records)
    for path in OPEN:
        text = workshop.client.get(path).text
        assert not [record for record in records if record in text], path
    assert {workshop.client.get(record).status_code for record in records} == {410}
    again = workshop.client.delete("/datasets/market?allow_deletions=true", headers=workshop.as_(MARKET))
    assert (again.status_code, again.json()["code"]) == (410, "dataset-withdrawn")
    page = workshop.client.get(f"/pushes/{answer.json()['id']}?lang=en", headers={"Accept": "text/html"}).text
    assert "withdrawal of the dataset" in page


@pytest.mark.parametrize(
    ("platform", "dataset", "status"),
    [(None, "market", 401), ("voisin.example", "market", 403), ("voisin.example", "secret", 404)],
)
def test_nobody_takes_back_what_is_another_platforms(
    workshop: Street, platform: str | None, dataset: str, status: int
) -> None:
    headers = workshop.as_(platform) if platform else {}
    before = workshop.hub.head()
    answer = workshop.client.delete(f"/datasets/{dataset}?allow_deletions=true", headers=headers)
    assert answer.status_code == status
    assert workshop.hub.head() == before


def test_a_full_page_of_a_stream_is_not_kept_past_a_withdrawal_for_long(
    workshop: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datahub.syndication import ldes

    monkeypatch.setattr(ldes, "PAGE_SIZE", 20)
    answer = workshop.client.get("/feeds/market/ldes?after=0")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    before = answer.headers["etag"]
    first = set(workshop.hub.changes("market", after=0, limit=20).table["record"])
    gone = next(
        one for one in workshop.hub.records("market").items if one.record in first and "/products/" in one.record
    )
    assert gone.label in answer.text
    workshop.hub.push("market", None, mode="delta", deletions=[gone.record])
    after = workshop.client.get("/feeds/market/ldes?after=0", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert gone.label not in after.text
