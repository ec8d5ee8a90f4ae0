"""The choice of a form: by ``?format=``, else by the Accept header, with its weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.web.forms import FORMS, NotAcceptableError, accepted, choose
from tests.web.street import Street

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
OFFERED = tuple(FORMS[name] for name in ("json", "jsonld", "ttl", "csv", "html"))


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "json"),
        ("*/*", "json"),
        (BROWSER, "html"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle; charset=utf-8", "ttl"),
        ("application/x-turtle", "ttl"),
        ("application/ld+json;q=0.5, text/csv;q=0.9", "csv"),
        ("text/*", "ttl"),
        ("text/turtle;q=0, */*", "json"),
        ("application/json;q=0, */*;q=0.1", "jsonld"),
        ("text/html;q=0.3, application/ld+json", "jsonld"),
    ],
)
def test_the_highest_weight_wins_and_programs_get_data(accept: str | None, name: str) -> None:
    assert choose(accept, OFFERED).name == name


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "application/pdf, video/*"])
def test_what_is_not_offered_is_an_error_that_names_what_is(accept: str) -> None:
    with pytest.raises(NotAcceptableError) as caught:
        choose(accept, OFFERED)
    assert caught.value.status == 406
    assert "text/turtle" in (caught.value.fix or caught.value.message).fr


@given(st.text(max_size=60))
def test_no_header_breaks_the_reader(header: str) -> None:
    assert all(0 <= weight <= 1 for _, weight in accepted(header))


def test_the_format_parameter_overrides_the_header(street: Street) -> None:
    answer = street.client.get("/datasets/market", params={"format": "ttl"}, headers={"Accept": BROWSER})
    assert answer.headers["content-type"].startswith("text/turtle")


@pytest.mark.parametrize("name", ["text/turtle", "ttl", "TTL"])
def test_a_form_has_a_name_and_a_media_type(street: Street, name: str) -> None:
    answer = street.client.get("/datasets/market", params={"format": name})
    assert answer.headers["content-type"].startswith("text/turtle")


def test_an_unknown_form_is_406_with_the_list(street: Street) -> None:
    answer = street.client.get("/datasets/market/records", params={"format": "docx"})
    assert answer.status_code == 406
    problem = answer.json()
    assert {"jsonld", "ttl", "csv", "geojson"} <= {one["format"] for one in problem["offered"]}


def test_every_answer_says_what_else_there_is_and_that_it_varies(street: Street) -> None:
    answer = street.client.get("/datasets/market/records")
    assert 'rel="alternate"; type="text/csv"' in answer.headers["link"]
    assert 'rel="license"' in answer.headers["link"]
    assert "Accept" in answer.headers["vary"]
    assert "Accept-Language" in answer.headers["vary"]


def test_an_unchanged_resource_is_not_sent_twice(street: Street) -> None:
    first = street.client.get("/datasets/market/records?format=csv")
    again = street.client.get("/datasets/market/records?format=csv", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = street.client.get("/datasets/market/records?format=ttl", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/", "/datasets/market/records?format=csv", "/feeds/market/rpde", "/nothing"])
def test_head_says_what_get_would_without_the_body(street: Street, path: str) -> None:
    got, head = street.client.get(path), street.client.head(path)
    assert head.status_code == got.status_code
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.content == b""


def test_large_answers_are_compressed_for_those_who_can_read_it(street: Street) -> None:
    path = "/datasets/carpool/records?format=nt"
    small = street.client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = street.client.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content
