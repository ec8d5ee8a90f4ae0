"""The language: asked for by parameter, kept by cookie, else from the browser, else the hub's own."""

from __future__ import annotations

import pytest

from tests.web.street import Street

PAGE = {"Accept": "text/html"}


def test_the_parameter_wins_and_is_kept(street: Street) -> None:
    answer = street.client.get("/datasets?lang=fr", headers={**PAGE, "Accept-Language": "en"})
    assert '<html lang="fr">' in answer.text
    assert answer.headers["content-language"] == "fr"
    assert "datahub_lang=fr" in answer.headers["set-cookie"]
    street.client.cookies.clear()


def test_the_cookie_goes_before_the_browser(street: Street) -> None:
    answer = street.client.get("/datasets", headers={**PAGE, "Accept-Language": "en", "Cookie": "datahub_lang=fr"})
    assert '<html lang="fr">' in answer.text


def test_the_browser_is_asked_next(street: Street) -> None:
    for header, lang in (("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("de, en;q=0.5", "en")):
        answer = street.client.get("/datasets", headers={**PAGE, "Accept-Language": header})
        assert f'<html lang="{lang}">' in answer.text


def test_the_setting_decides_for_those_who_ask_for_neither(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    assert '<html lang="en">' in street.client.get("/datasets", headers=PAGE).text
    settings = street.hub.settings
    monkeypatch.setattr(street.hub, "settings", settings.model_copy(update={"default_lang": "fr"}))
    for header in ("de", "de, *;q=0.1", "en;q=0"):
        answer = street.client.get("/datasets", headers={**PAGE, "Accept-Language": header})
        assert '<html lang="fr">' in answer.text, header


def test_the_switch_keeps_the_other_parameters(street: Street) -> None:
    text = street.client.get(
        "/datasets/market/records?q=miel&department=26", headers={**PAGE, "Accept-Language": "fr"}
    ).text
    assert 'href="?q=miel&amp;department=26&amp;lang=en"' in text


def test_numbers_are_written_as_people_write_them() -> None:
    from datahub.web.language import translations

    assert translations("en").number(12345.5) == "12,345.5"
    assert translations("fr").number(12345.5) == "12\u202f345,5"


def test_french_counts_zero_and_one_as_one() -> None:
    from datahub.web.language import translations

    ngettext = translations("fr").ngettext
    assert ngettext("record", "records", 0) == ngettext("record", "records", 1) == "fiche"
    assert ngettext("record", "records", 2) == "fiches"
