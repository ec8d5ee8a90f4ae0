"""Results of conformance suites as EARL 1.0 (https://www.w3.org/TR/EARL10-Schema/) and as the table of the documentation."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import datahub

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"
START, END = "<!-- results: written by make conformance -->", "<!-- end of results -->"

_HEAD = """@prefix earl: <http://www.w3.org/ns/earl#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/datahub> a doap:Project, earl:TestSubject, earl:Software ;
  doap:name "datahub" ;
  doap:programming-language "Python" ;
  doap:release [ doap:revision "{version}" ] .
"""
_ASSERTION = """
[] a earl:Assertion ;
  earl:assertedBy <https://w3id.org/datahub> ;
  earl:subject <https://w3id.org/datahub> ;
  earl:test <{test}> ;
  earl:mode earl:automatic ;
  earl:result [ a earl:TestResult ; earl:outcome earl:{outcome} ; dcterms:date "{date}"^^xsd:date ] .
"""


@dataclass(frozen=True, order=True)
class Case:
    """One test of a suite: the suite, the format or part that it is about, its IRI and its name."""

    suite: str
    form: str
    test: str
    name: str


@dataclass(frozen=True, order=True)
class Result:
    """What became of a case: ``outcome`` is passed, failed or untested."""

    case: Case
    outcome: str


def as_dict(case: Case) -> dict[str, str]:
    return asdict(case)


def turtle(results: Iterable[Result], date: datetime.date) -> str:
    """The EARL report of ``results``."""
    day = date.isoformat()
    return _HEAD.format(version=datahub.__version__) + "".join(
        _ASSERTION.format(test=result.case.test, outcome=result.outcome, date=day) for result in sorted(results)
    )


def table(results: Iterable[Result]) -> str:
    """One line per suite and format: how many cases passed of how many, and which did not."""
    lines = ["| suite | format | passed | cases | not passed |", "|---|---|---:|---:|---|"]
    for (suite, form), group in groupby(sorted(results), lambda result: (result.case.suite, result.case.form)):
        found = list(group)
        passed = [result for result in found if result.outcome == "passed"]
        others = ", ".join(result.case.name for result in found if result.outcome != "passed") or "none"
        lines.append(f"| {suite} | {form} | {len(passed)} | {len(found)} | {others} |")
    return "\n".join(lines)


def write(results: list[Result], folder: Path, date: datetime.date) -> None:
    """One Turtle file per suite into ``folder``, and the table into the documentation."""
    folder.mkdir(parents=True, exist_ok=True)
    for suite, group in groupby(sorted(results), lambda result: result.case.suite):
        (folder / f"{suite}.ttl").write_text(turtle(group, date), "utf-8")
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n\n{table(results)}\n\n{END}{after}", "utf-8")
