"""The report says first, in one sentence each, what is wrong most often; then the single findings."""

from datetime import UTC, datetime

import polars as pl
import pytest

from datahub.findings import findings
from datahub.grouping import groups
from datahub.hub import Counts, PushReport
from datahub.hub.report import listing
from datahub.i18n import number


def no_price(row: int) -> dict[str, object]:
    return {
        "severity": "violation",
        "code": "shacl",
        "rule": "price",
        "column": "price",
        "record": f"http://h/{row}",
        "row": row,
        "message_en": "The price is missing.",
        "message_fr": "Le prix manque.",
        "fix_en": "Give a price.",
        "fix_fr": "Donnez un prix.",
    }


def other(severity: str, row: int | None = None, **more: object) -> dict[str, object]:
    return {"severity": severity, "code": "x", "row": row, "message_en": "Odd.", "message_fr": "Bizarre.", **more}


def test_findings_of_one_kind_become_one_sentence_with_their_number_and_first_rows() -> None:
    found = groups(findings(no_price(row) for row in range(1312, 0, -1)))
    assert len(found) == 1
    assert found[0].sentence.en == "1,312 records: The price is missing (rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …)."
    assert found[0].sentence.fr == "1\u202f312 fiches : Le prix manque (lignes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …)."
    assert (found[0].count, len(found[0].rows), len(found[0].records)) == (1312, 10, 3)


def test_the_worst_come_first_then_the_most_frequent() -> None:
    table = findings(
        [other("info", 1), other("warning", 1), *(other("warning", n, code="often") for n in (1, 2)), no_price(3)]
    )
    assert [(g.severity, g.code) for g in groups(table)] == [
        ("violation", "shacl"),
        ("warning", "often"),
        ("warning", "x"),
        ("info", "x"),
    ]


def test_a_single_finding_names_its_row_and_column() -> None:
    group = groups(findings([other("warning", 7, column="duree")]))[0]
    assert group.sentence.en == "“duree”: Odd (row 7)."
    assert group.sentence.fr == "« duree » : Bizarre (ligne 7)."


def test_a_message_that_names_all_of_the_columns_itself_does_not_have_them_before_it() -> None:
    said = {"message_en": "Nothing in “insee”, “id_local”.", "message_fr": "Rien dans « insee », « id_local »."}
    (told,) = groups(findings([{**other("warning", 7, column="insee, id_local"), **said}]))
    assert told.sentence.fr == "Rien dans « insee », « id_local » (ligne 7)."
    (told,) = groups(findings([other("warning", 7, column="insee, id_local")]))
    assert told.sentence.fr == "« insee, id_local » : Bizarre (ligne 7)."


def test_messages_that_differ_are_given_as_an_example() -> None:
    table = findings(
        [other("warning", n, message_en=f"“{n}” is odd.", message_fr=f"« {n} » : bizarre.") for n in (4, 5)]
    )
    assert groups(table)[0].sentence.en == "2 records: for example: “4” is odd (rows 4, 5)."


def test_rows_that_the_message_names_itself_are_not_repeated() -> None:
    said = {"message_en": "Rows 2 and 3 collide.", "message_fr": "Les lignes 2 et 3 se contredisent."}
    table = findings([other("violation", 2, **said), other("violation", 3, **said)])
    assert groups(table)[0].sentence.fr == "2 fiches : Les lignes 2 et 3 se contredisent."
    price = {"message_en": "“4,20” is no number.", "message_fr": "« 4,20 » n'est pas un nombre."}
    assert groups(findings([other("violation", 2, **price)]))[0].sentence.en == "“4,20” is no number (row 2)."


def test_the_listing_is_cut_and_begins_with_what_refuses() -> None:
    table = findings([other("info", 1), other("violation", 9), other("violation", 2), other("warning", 1)])
    assert [(f.severity, f.row) for f in listing(table, 3)] == [("violation", 2), ("violation", 9), ("warning", 1)]


def test_no_findings_make_no_groups() -> None:
    empty = findings()
    assert groups(empty) == ()
    assert listing(empty, 5) == ()
    assert groups(pl.DataFrame(empty)) == ()


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("status", ["taken", "unchanged", "refused"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_report_reads_as_text_in_both_languages(lang: str, status: str, dry_run: bool) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    report = PushReport(
        "id",
        "lieux",
        "p",
        "bnlc",
        "snapshot",
        dry_run,
        status,
        now,
        now,
        counts=Counts(read=1200, created=1190, refused=10),
        groups=groups(findings([no_price(3)])),
    )
    text = report.text(lang)
    assert "lieux" in text
    assert ("Dry run" in text or "Essai à blanc" in text) == dry_run
    assert {"en": "refused 10", "fr": "refusées 10"}[lang] in text
    assert {"en": "→ Give a price.", "fr": "→ Donnez un prix."}[lang] in text


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert (number(1234567, "en"), number(1234567, "fr")) == ("1,234,567", "1\u202f234\u202f567")
    assert (number(1234.5, "en", ".2f"), number(1234.5, "fr", ".2f")) == ("1,234.50", "1\u202f234,50")
    assert (number(0.119, "en", ".0%"), number(0.119, "fr", ".0%")) == ("12%", "12\u202f%")
