"""The two languages of the product: choosing one, and writing it as its readers do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.i18n import negotiate, number, typeset, typeset_page

WIDE, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("fr", "fr"),
        ("fr-CA, en;q=0.9", "fr"),
        ("fr;q=0.2, en;q=0.9", "en"),
        ("en, fr", "en"),
        ("", None),
        ("de, *;q=0.5", None),
        ("fr;q=0", None),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=much, en", "en"),
    ],
)
def test_a_reader_gets_the_language_that_weighs_most_and_none_that_was_refused(header: str, lang: str | None) -> None:
    assert negotiate(header) == lang


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("« prix » : 2 fiches ; lesquelles ?", f"«{WIDE}prix{WIDE}»{WIDE}: 2 fiches{NARROW}; lesquelles{NARROW}?"),
        ("88 % à 3 € !", f"88{NARROW}% à 3{NARROW}€{NARROW}!"),
        ("(Ferme :)", f"(Ferme{WIDE}:)"),
        ("par Accept ou ?format=csv", "par Accept ou ?format=csv"),
        ("sh:path :name ; voir https://a.example/?q=b;c", f"sh:path :name{NARROW}; voir https://a.example/?q=b;c"),
    ],
)
def test_french_punctuation_stays_on_the_line_of_its_word(written: str, shown: str) -> None:
    assert typeset(written, "fr") == shown
    assert typeset(written, "en") == written


def test_the_markup_code_and_fields_of_a_page_stay_as_they_are() -> None:
    page = (
        '<p title="a : b">Prix : 2 €</p><pre>ex:a a ex:B ;\n ex:c ?d .</pre><code class="x">a ; b</code> ; '
        "<textarea>{ ?s ?p ?o ; ?q }</textarea><em>« x »</em>"
    )
    assert typeset_page(page, "fr") == (
        f'<p title="a : b">Prix{WIDE}: 2{NARROW}€</p><pre>ex:a a ex:B ;\n ex:c ?d .</pre><code class="x">a ; b</code>{NARROW}; '
        f"<textarea>{{ ?s ?p ?o ; ?q }}</textarea><em>«{WIDE}x{WIDE}»</em>"
    )
    assert typeset_page(page, "en") == page


@given(st.text(alphabet="ab «»:;?!%€<>/=\n"))
def test_only_spaces_change_and_setting_twice_changes_nothing_more(text: str) -> None:
    once = typeset(text, "fr")
    assert once.translate({0xA0: " ", 0x202F: " "}) == text
    assert typeset(once, "fr") == once
    assert re.sub(f"[{WIDE}{NARROW}]", " ", typeset_page(text, "fr")) == text


def test_shares_are_written_as_each_language_writes_them() -> None:
    assert (number(0.885, "en", ".0%"), number(0.885, "fr", ".0%")) == ("88%", f"88{NARROW}%")
