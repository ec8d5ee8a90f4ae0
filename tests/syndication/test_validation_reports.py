"""Reports of a check: no number of problems and no value breaks them, or makes them do more than tell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from rdflib import Graph

from datahub.cli import remarks
from datahub.connectors.checking import Checked, check_frame
from datahub.i18n import Lang
from datahub.rdf.formats import parse
from datahub.shacl import load
from datahub.syndication import reports

PREFIXES = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = (
    "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:name ; sh:maxLength 1 ; sh:minCount 1 ] ."
)
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "+1-HYPERLINK(1)",
    "@SUM(A1)",
    " =1+1",
    "\t=1",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'a "quoted", one; more',
    "\x1b[31mred",
    "\x07bell",
    "\u202eexe.txt",
    "two\r\nlines",
    "{{ 7 * 7 }} {0} %s",
    "x" * 20_000,
]

Check = Callable[[list[str]], Checked]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    (tmp_path / "s.ttl").write_text(PREFIXES + SHAPES, "utf-8")
    shapes = load(tmp_path / "s.ttl")

    def run(names: list[str]) -> Checked:
        lines = [f"ex:n{at} a ex:C ; ex:name {json.dumps(name)} ." for at, name in enumerate(names)]
        data = PREFIXES + "ex:ok a ex:C ; ex:name 'a' .\n" + "\n".join(lines)
        return check_frame(parse(data.encode(), "ttl"), shapes, None, "<names>.ttl")

    return run


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("problems", [0, 1, 5, 10_000])
def test_any_number_of_problems_is_counted_first_and_listed_after(check: Check, problems: int, lang: Lang) -> None:
    checked = check(["ab"] * problems)
    report = reports.as_json(checked)
    jsonschema.validate(report, reports.schema())
    assert report["file"] == "<names>.ttl"
    assert [group["count"] for group in report["groups"]] == ([problems] if problems else [])
    assert len(report["findings"]) == problems
    lines = list(csv.reader(io.StringIO(reports.as_csv(checked, lang).decode("utf-8-sig"))))
    assert len(lines) == problems + 1
    page = reports.as_html(checked, lang)
    assert page.count('<td class="violation">') == (problems > 0) + min(problems, reports.LISTED)
    told = remarks.each(checked.findings).splitlines()
    assert len(told) == 1 + min(problems, remarks.LISTED) + (problems > remarks.LISTED)


@pytest.mark.parametrize("value", HOSTILE, ids=[value[:12].strip() for value in HOSTILE])
def test_a_hostile_value_is_told_and_does_nothing(check: Check, value: str) -> None:
    checked = check([value])
    assert reports.as_json(checked)["findings"][0]["value"] == value[:500]
    [_, line] = csv.reader(io.StringIO(reports.as_csv(checked, "en").decode("utf-8-sig")))
    cell = line[3]
    assert not cell.lstrip().startswith(("=", "@", "+", "-"))
    assert len(cell) <= 501
    page, text = (
        reports.as_html(checked, "fr"),
        "\n".join([remarks.text(checked.findings), remarks.each(checked.findings)]),
    )
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;names&gt;.ttl" in page
    for shown in (cell, page, text):
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert len(text.splitlines()) == 4
    assert len(Graph().parse(data=checked.report.turtle(), format="turtle")) > 5


def test_numbers_with_a_sign_stay_numbers(check: Check) -> None:
    for value in ("-7.00", "+33 4 75 00 00 00", "-1,5e3"):
        [_, line] = csv.reader(io.StringIO(reports.as_csv(check([value]), "en").decode("utf-8-sig")))
        assert line[3] == value


def test_a_rule_without_a_name_is_named_by_the_shape_it_belongs_to(check: Check) -> None:
    assert reports.as_json(check(["ab"]))["findings"][0]["rule"] == "http://example.org/S / http://example.org/name"


def test_names_of_a_million_characters_are_not_repeated_with_each_problem(tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(
        PREFIXES + SHAPES + " ex:S sh:property [ sh:path ex:other ; sh:minCount 1 ] .", "utf-8"
    )
    long = "x" * 1_000_000
    found = check_frame(
        parse(f"<http://example.org/{long}> a <http://example.org/C> .".encode(), "ttl"), load(tmp_path / "s.ttl")
    )
    assert found.counts["violation"] == 2
    assert len(json.dumps(reports.as_json(found))) < 20_000
    assert len(reports.as_csv(found, "fr")) < 20_000
    assert len(reports.as_html(found, "en")) < 30_000
