"""Pushing over HTTP: who may, what comes back, and that bad input leaves everything as it was."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from datahub.hub import Counts, Finding, Group, PushReport
from datahub.i18n import Text
from datahub.settings import Settings
from datahub.web import views
from datahub.web.reports import is_personal, personal_columns
from tests.web.street import Street, sample

MARKET = "marche.example"
GOOD = sample("ofn-products", "amap").read_bytes()
FAULTY = sample("ofn-products", "corriger").read_bytes()


def test_a_push_is_answered_with_its_report(workshop: Street) -> None:
    answer = workshop.client.post("/datasets/market/pushes", content=FAULTY, headers=workshop.as_(MARKET))
    assert answer.status_code == 409, "most of the dataset would go: that has to be confirmed"
    answer = workshop.client.post(
        "/datasets/market/pushes?allow_deletions=true&filename=a.csv", content=FAULTY, headers=workshop.as_(MARKET)
    )
    assert answer.status_code == 201
    report = answer.json()
    assert report["counts"]["refused"] > 0
    assert report["filename"] == "a.csv"
    assert {"row", "column", "message", "fix"} <= set(report["findings"][0])
    assert workshop.client.get(answer.headers["location"], headers=workshop.as_(MARKET)).json()["id"] == report["id"]


def test_what_was_pushed_can_be_read_at_once(workshop: Street) -> None:
    text = GOOD.decode().replace("Carottes des sables", "Carottes du jeudi")
    workshop.client.post("/datasets/market/pushes", content=text.encode(), headers=workshop.as_(MARKET))
    assert workshop.client.get("/records?q=carottes+jeudi").json()["total"] == 1


def test_a_dry_run_writes_nothing(workshop: Street) -> None:
    before = workshop.hub.head()
    answer = workshop.client.post(
        "/datasets/market/pushes?dry_run=true&allow_deletions=true", content=FAULTY, headers=workshop.as_(MARKET)
    )
    assert answer.status_code == 200
    assert answer.json()["dry_run"]
    assert workshop.hub.head() == before


def test_the_same_file_again_changes_nothing(workshop: Street) -> None:
    before = workshop.hub.head()
    answer = workshop.client.post("/datasets/market/pushes", content=GOOD, headers=workshop.as_(MARKET))
    assert (answer.status_code, answer.json()["status"]) == (200, "unchanged")
    assert workshop.hub.head() == before


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "key-missing"),
        ({"X-API-Key": "dhk_wrong"}, 403, "key-unknown"),
        ({"Authorization": "Bearer "}, 401, "key-missing"),
        ({"Authorization": "Basic abc"}, 401, "key-missing"),
    ],
)
def test_without_a_good_key_nobody_pushes(workshop: Street, headers: dict[str, str], status: int, code: str) -> None:
    answer = workshop.client.post("/datasets/market/pushes", content=GOOD, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 401:
        assert "Bearer" in answer.headers["www-authenticate"]


def test_who_may_not_push_is_told_before_the_file_is_read(workshop: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr("datahub.web.routers.pushes.received", read)
    assert workshop.client.post("/datasets/market/pushes", content=GOOD).status_code == 401
    other = workshop.client.post("/datasets/market/pushes", content=GOOD, headers=workshop.as_("voisin.example"))
    assert other.status_code == 403
    assert workshop.client.post("/datasets/none/pushes", content=GOOD, headers=workshop.as_(MARKET)).status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_on_another_site_can_use_nobodys_cookie(workshop: Street, site: str) -> None:
    cookie = {"Cookie": f"datahub_key={workshop.keys[MARKET]}"}
    sent = {"files": {"file": ("a.csv", GOOD)}, "data": {"dry_run": "true"}}
    own = workshop.client.post("/datasets/market/pushes", headers={**cookie, "Sec-Fetch-Site": "same-origin"}, **sent)  # type: ignore[arg-type]
    assert own.status_code == 200
    other = workshop.client.post("/datasets/market/pushes", headers={**cookie, "Sec-Fetch-Site": site}, **sent)  # type: ignore[arg-type]
    assert (other.status_code, other.json()["code"]) == (401, "key-missing")
    planted = workshop.client.post("/key", data={"key": workshop.keys[MARKET]}, headers={"Sec-Fetch-Site": site})
    assert (planted.status_code, planted.json()["code"]) == (403, "other-site")
    assert "set-cookie" not in planted.headers


def test_a_report_read_with_a_key_is_not_for_shared_caches(street: Street) -> None:
    path = f"/pushes/{street.reports['circle'].id}"
    assert street.client.get(path).status_code == 404
    answer = street.client.get(path, headers=street.as_("voisin.example"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    everyone = street.client.get(f"/pushes/{street.reports['market'].id}")
    assert everyone.headers["cache-control"] == "public, max-age=300"


def test_only_the_datasets_own_platform_may_push(workshop: Street) -> None:
    answer = workshop.client.post("/datasets/market/pushes", content=GOOD, headers=workshop.as_("voisin.example"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not-your-dataset")
    hidden = workshop.client.post("/datasets/secret/pushes", content=GOOD, headers=workshop.as_("voisin.example"))
    assert hidden.status_code == 404


BAD = {
    "empty": b"",
    "another format": b"a;b\n1;2\n",
    "truncated": GOOD[: len(GOOD) // 2] + b'"',
    "binary": bytes(range(256)) * 40,
    "NUL": GOOD.replace(b"Navets", b"Na\x00vets") + b"\x00",
    "broken RDF": b"<a> <b> ",
    "entity bomb": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "remote context": b'{"@context": "http://127.0.0.1:1/x", "@id": "urn:a"}',
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_clear_error_and_leaves_the_log_as_it_was(workshop: Street, name: str) -> None:
    before = workshop.hub.head()
    said = set()
    for lang in ("en", "fr"):
        answer = workshop.client.post(
            f"/datasets/market/pushes?lang={lang}", content=BAD[name], headers=workshop.as_(MARKET)
        )
        assert 400 <= answer.status_code < 500, answer.text
        problem = answer.json()
        assert problem["detail"]
        assert "Traceback" not in problem["detail"]
        assert "polars" not in problem["detail"].lower()
        said.add(problem["detail"])
    assert len(said) == 2, "the same text in both languages"
    assert workshop.hub.head() == before


def test_a_file_beyond_the_limit_is_refused_in_clear_words(copy: Callable[..., Street]) -> None:
    street = copy(max_push_bytes=200_000)
    big = GOOD + b"x" * 300_000
    for sent in ({"content": big}, {"files": {"file": ("big.csv", big * 8)}}, {"content": iter([big, big])}):
        answer = street.client.post("/datasets/market/pushes?lang=fr", headers=street.as_(MARKET), **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_too_many_pushes_are_asked_to_wait(copy: Callable[..., Street]) -> None:
    street = copy(pushes_per_minute=2)
    statuses = [
        street.client.post("/datasets/market/pushes", content=GOOD, headers=street.as_(MARKET)).status_code
        for _ in range(3)
    ]
    assert statuses[:2] == [200, 200]
    answer = street.client.post("/datasets/market/pushes", content=GOOD, headers=street.as_(MARKET))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    neighbour = street.client.post("/datasets/market/pushes", content=GOOD, headers=street.as_("voisin.example"))
    assert neighbour.status_code == 403, "one platform's haste is not another's"


def test_a_form_in_a_browser_gives_the_report_as_a_page(workshop: Street) -> None:
    answer = workshop.client.post(
        "/datasets/market/pushes?format=html",
        files={"file": ("catalogue.csv", FAULTY, "text/csv")},
        data={"key": workshop.keys[MARKET], "mode": "snapshot", "dry_run": "true", "allow_deletions": "true"},
        headers={"Accept": "text/html", "Accept-Language": "fr"},
    )
    assert answer.status_code == 200
    assert "catalogue.csv" in answer.text
    assert "rien n’a été écrit" in answer.text


def test_a_form_without_a_file_says_so(workshop: Street) -> None:
    for sent in (
        {"data": {"key": "x"}, "files": {"other": ("", b"")}},
        {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ):
        answer = workshop.client.post("/datasets/market/pushes", **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (400, "no-file")


def test_deltas_may_delete_by_identifier(workshop: Street) -> None:
    one = workshop.hub.records("market", q="navet").items or workshop.hub.records("market").items
    iri = one[0].record
    header = GOOD.splitlines()[0] + b"\n"
    answer = workshop.client.post(
        "/datasets/market/pushes",
        params={"mode": "delta", "delete": iri},
        content=header + GOOD.splitlines()[1] + b"\n",
        headers=workshop.as_(MARKET),
    )
    assert answer.json()["counts"]["deleted"] == 1, answer.text
    gone = workshop.client.get(iri)
    assert (gone.status_code, gone.json()["code"]) == (410, "record-deleted")


def test_pushes_of_one_dataset_wait_for_each_other(workshop: Street) -> None:
    files = [GOOD.replace(b"Carottes des sables", f"Carottes {n}".encode()) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda data: workshop.client.post(
                    "/datasets/market/pushes", content=data, headers=workshop.as_(MARKET)
                ),
                files,
            )
        )
    assert [answer.status_code for answer in answers] == [201] * 4
    taken = sorted((a.json()["first_seq"], a.json()["last_seq"]) for a in answers)
    assert all(last < following for (_, last), (following, _) in itertools.pairwise(taken))


def test_refused_rows_are_for_their_platform_alone(workshop: Street) -> None:
    headers = workshop.as_(MARKET)
    push = workshop.client.post("/datasets/market/pushes?allow_deletions=true", content=FAULTY, headers=headers).json()
    path = f"/pushes/{push['id']}/refused"
    assert workshop.client.get(path).status_code == 403
    assert workshop.client.get(path, headers=workshop.as_("voisin.example")).status_code == 403
    rows = workshop.client.get(path, headers=headers).json()["refused"]
    assert len(rows) == push["counts"]["refused"]
    native = " ".join(row["native"] or "" for row in rows)
    assert "Radis noir" in native or "Betteraves" in native
    table = list(
        csv.DictReader(
            io.StringIO(workshop.client.get(path + "?format=csv", headers=headers).content.decode("utf-8-sig"))
        )
    )
    assert len(table) == len(rows)
    page = workshop.client.get(path, headers={**headers, "Accept": "text/html"})
    assert page.status_code == 200
    assert "Betteraves" in page.text


def test_the_columns_with_personal_data_are_known(street: Street) -> None:
    site = street.client.app.state.site  # type: ignore[attr-defined]
    assert {"téléphone", "courriel"} <= personal_columns(site, street.hub.datasets.get("stays"))


@pytest.mark.parametrize(
    "column",
    [
        "courriel", "E-Mail", " Téléphone", "titre+courriel", "titre, courriel",
        "schema:email", "schema:offeredBy/schema:email", "^schema:telephone",
        "http://schema.org/email", "schema:offeredBy/<http://xmlns.com/foaf/0.1/mbox>", "(schema:name|schema:email)",
    ],
)  # fmt: skip
def test_a_personal_column_is_known_by_any_of_its_names(street: Street, column: str) -> None:
    site = street.client.app.state.site  # type: ignore[attr-defined]
    personal = personal_columns(site, street.hub.datasets.get("stays"))
    assert is_personal(column, personal)
    for other in ("titre", "hôte", "schema:name", "titre+statut", "titre, statut", None):
        assert not is_personal(other, personal)


def test_a_report_shows_personal_values_to_the_publisher_only(street: Street) -> None:
    now = datetime.now(UTC)
    text = Text("“a@b” is no address.", "« a@b » n'est pas une adresse.")
    report = PushReport(
        "p", "stays", "accueil.example", "hospitality-offers", "snapshot", False, "taken", now, now, by="key", filename="f.csv",
        counts=Counts(read=1),
        groups=(Group("warning", "x", "courriel", None, 1, (2,), (), "a@b", text, None),),
        findings=(Finding("warning", "x", None, 2, "courriel", "a@b", None, text, None),),
        findings_total=1,
    )  # fmt: skip
    site = street.client.app.state.site  # type: ignore[attr-defined]
    columns = personal_columns(site, street.hub.datasets.get("stays"))
    assert "a@b" in str(views.report(site, report, columns, owner=True))
    public = views.report(site, report, columns, owner=False)
    assert "a@b" not in str(public)
    assert public["groups"][0]["rows"] == (2,)
    page = site.pages._environments["fr"].get_template("_macros.html").make_module({"lang": "fr"})
    assert "Masqué" in page.findings(public, "fr")  # type: ignore[attr-defined]


def test_the_key_page_keeps_a_key_out_of_reach_of_scripts(workshop: Street) -> None:
    answer = workshop.client.post("/key", data={"key": workshop.keys["accueil.example"]})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" in cookie
    assert workshop.client.get("/key").json()["platform"] == "accueil.example"
    assert workshop.client.get("/datasets/secret").status_code == 200
    workshop.client.post("/key", data={"key": ""})
    assert workshop.client.get("/datasets/secret").status_code == 404
    assert workshop.client.post("/key", data={"key": "wrong"}).status_code == 403


def test_a_browser_with_a_revoked_key_reads_as_anyone(workshop: Street) -> None:
    cookie = {"Cookie": "datahub_key=dhk_revoked"}
    assert workshop.client.get("/datasets/market", headers=cookie).status_code == 200
    assert workshop.client.get("/datasets/secret", headers=cookie).status_code == 404
    assert workshop.client.get("/key", headers=cookie).json()["platform"] is None
    assert workshop.client.get("/datasets/market", headers={"X-API-Key": "dhk_revoked"}).status_code == 403


def test_the_figures_do_not_name_a_private_dataset(workshop: Street) -> None:
    data = sample("hospitality-offers", "passeurs").read_bytes()
    workshop.client.post("/datasets/secret/pushes", content=data, headers=workshop.as_("accueil.example"))
    metrics = workshop.client.get("/metrics").text
    assert "datahub_pushes_total" in metrics
    assert "secret" not in metrics


def test_pushes_are_counted_for_the_operators(workshop: Street) -> None:
    text = GOOD.decode().replace("Carottes des sables", "Carottes d'hiver")
    workshop.client.post("/datasets/market/pushes", content=text.encode(), headers=workshop.as_(MARKET))
    metrics = workshop.client.get("/metrics").text
    assert 'datahub_pushes_total{dataset="market",status="taken"} 1.0' in metrics
    assert 'datahub_push_records_total{dataset="market",fate="updated"} 1.0' in metrics
    assert 'datahub_records{dataset="market"}' in metrics
    assert 'datahub_push_stage_seconds_count{stage="validate"} 1.0' in metrics


def test_health_and_readiness(street: Street) -> None:
    assert street.client.get("/healthz").json() == {"status": "ok"}
    assert street.client.get("/readyz").json()["status"] == "ready"


def test_the_limits_are_settings() -> None:
    assert {"max_push_bytes", "pushes_per_minute", "queries_per_minute", "tile_url"} <= set(Settings.model_fields)
