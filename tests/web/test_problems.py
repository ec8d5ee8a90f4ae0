"""Every error is a problem in the caller's language, and says how to mend it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from datahub.web import problems
from datahub.web.language import LOCALE, catalogue
from tests.web.street import Street

WRONG = [
    ("/nothing/here", 404, "not-found"),
    ("/datasets/nothing", 404, "dataset-unknown"),
    ("/datasets/secret", 404, "dataset-unknown"),
    ("/datasets/secret/records", 404, "dataset-unknown"),
    ("/records/market/nothing", 404, "record-unknown"),
    ("/pushes/nothing", 404, "push-unknown"),
    ("/ns/nothing", 404, "module-unknown"),
    ("/ns/core/nothing", 404, "term-unknown"),
    ("/connectors/nothing", 404, "connector-unknown"),
    ("/help/nothing", 404, "help-unknown"),
    ("/versions/999999", 404, "version-unknown"),
    ("/feeds/nothing/rpde", 404, "dataset-unknown"),
    ("/feeds/secret/ldes?after=0", 404, "dataset-unknown"),
    ("/feeds/secret/ldes", 404, "dataset-unknown"),
    ("/feeds/secret/rpde", 404, "dataset-unknown"),
    ("/datasets/secret/loss?connector=dfc", 404, "dataset-unknown"),
    ("/datasets/secret/map", 404, "dataset-unknown"),
    ("/collections/secret", 404, "dataset-unknown"),
    ("/collections/secret/items", 404, "dataset-unknown"),
    ("/ns/nothing/context", 404, "profile-unknown"),
    ("/static/nothing.css", 404, "not-found"),
    ("/datasets/market/records?limit=0", 422, "parameter"),
    ("/datasets/market/records?limit=many", 422, "parameter"),
    ("/datasets/market/records?cursor=xxx", 422, "cursor-unknown"),
    ("/datasets/market/records?bbox=1,2", 400, "bbox"),
    ("/datasets/market/loss", 422, "parameter"),
    ("/feeds/market/rpde?afterChangeNumber=x", 422, "parameter"),
    ("/collections/market/items?colour=red", 400, "parameter-unknown"),
    ("/records?iri=not%20an%20iri", 400, "iri"),
    ("/datasets/market?lang=de", 422, "parameter"),
]


def test_the_values_that_may_be_given_are_listed_without_a_word_of_either_language(street: Street) -> None:
    for lang in ("en", "fr"):
        answer = street.client.get("/datasets?lang=xx", headers={"Accept-Language": lang})
        assert "'en', 'fr'" in answer.json()["detail"]


@pytest.mark.parametrize(("path", "status", "code"), WRONG)
def test_an_error_is_a_problem_in_both_languages(street: Street, path: str, status: int, code: str) -> None:
    seen = {}
    for lang in ("en", "fr"):
        answer = street.client.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == status
        assert answer.headers["content-type"] == problems.MEDIA
        body = answer.json()
        assert body["code"] == code
        assert body["status"] == status
        assert body["title"]
        assert body["detail"]
        seen[lang] = body
    assert seen["en"]["detail"] != seen["fr"]["detail"]
    assert seen["en"]["title"] != seen["fr"]["title"]


@pytest.mark.parametrize(("path", "status", "code"), WRONG)
def test_a_browser_gets_the_problem_as_a_page(street: Street, path: str, status: int, code: str) -> None:
    answer = street.client.get(path, headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "fr"})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="' in answer.text
    assert code in answer.text


def test_a_method_that_is_not_there_names_those_that_are(street: Street) -> None:
    answer = street.client.put("/datasets/market")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method"
    assert "GET" in answer.headers["allow"]


def test_a_fault_of_ours_gives_a_number_and_no_inner_text(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr(street.hub, "head", broken)
    client = TestClient(street.client.app, raise_server_exceptions=False)
    answer = client.get("/datasets/market/records", headers={"Accept-Language": "fr"})
    assert answer.status_code == 500
    body = answer.json()
    assert body["number"] in body["detail"]
    assert "secret" not in answer.text


def test_a_fault_of_ours_is_counted_and_framed_as_any_other_answer(
    workshop: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr(workshop.hub, "head", broken)
    answer = workshop.client.get("/datasets/market/records", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    figures = workshop.client.get("/metrics").text
    assert 'datahub_requests_total{method="GET",route="/datasets/{dataset}/records",status="500"} 1.0' in figures


def test_methods_that_a_caller_makes_up_do_not_fill_the_figures(workshop: Street) -> None:
    for number in range(3):
        assert workshop.client.request(f"MADE{number}", "/datasets").status_code == 405
    figures = workshop.client.get("/metrics").text
    assert "MADE" not in figures
    assert 'method="other"' in figures


def test_the_type_of_a_problem_leads_to_its_explanation(street: Street) -> None:
    type_ = street.client.get("/datasets/nothing").json()["type"]
    page, _, fragment = type_.partition("#")
    assert f'id="{fragment}"' in street.client.get(page).text


def test_every_sentence_of_the_pages_has_a_french_one(street: Street) -> None:
    from babel.messages.extract import extract_from_dir

    from datahub.web.routers.docs import texts

    options = {
        "**.html": {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    }
    templates = str(LOCALE.parent / "templates")
    wanted = {one[2] for one in extract_from_dir(templates, [("**.html", "jinja2")], options_map=options)}
    wanted |= texts(street.client.app.openapi())  # type: ignore[attr-defined]
    known = {message.id: message.string for message in catalogue("fr") if message.id and not message.fuzzy}
    assert wanted
    assert not {message for message in wanted if not known.get(message)}
    assert not set(known) - wanted, "translations that nothing uses"


def test_no_translation_loses_a_value(street: Street) -> None:
    for message in catalogue("fr"):
        if message.id and message.python_format:
            assert not list(message.check()), message.id
