"""The conformance page counts the suites as they are, and hides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conformance.earl import END, PAGE, START

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def rows() -> dict[tuple[str, str], tuple[int, int, str]]:
    text = PAGE.read_text("utf-8").partition(START)[2].partition(END)[0]
    found = re.findall(r"^\| ([\w-]+) \| ([\w-]+) \| (\d+) \| (\d+) \| (.*) \|$", text, re.MULTILINE)
    return {(suite, form): (int(passed), int(cases), others) for suite, form, passed, cases, others in found}


def test_what_did_not_pass_is_named_case_by_case() -> None:
    assert rows()
    for passed, cases, others in rows().values():
        named = [] if others == "none" else others.split(", ")
        assert len(named) == cases - passed


@pytest.mark.corpus
def test_the_numbers_of_cases_are_those_of_the_suites() -> None:
    counted: dict[tuple[str, str], int] = {}
    for suite in ("rml-v1", "rml-core", "rml-fnml"):
        for case in (CORPUS / "rml" / suite).glob("RML*-*"):
            key = suite, case.name.split("-")[-1]
            counted[key] = counted.get(key, 0) + 1
    for case in (CORPUS / "shacl").rglob("*.ttl"):
        if "sht:Validate" in case.read_text("utf-8"):
            part, form, _ = case.relative_to(CORPUS / "shacl").parts
            key = f"shacl-{part}", form
            counted[key] = counted.get(key, 0) + 1
    assert {key: cases for key, (_, cases, _) in rows().items()} == counted
