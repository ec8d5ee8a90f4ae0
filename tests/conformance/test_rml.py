"""The RML test suites: rml-v1 (rr: and rml#), rml-core and rml-fnml (http://w3id.org/rml/), one test per case.

A case that has to fail passes when it raises one of our own errors, or when its bad values are reported as violations
(a data error refuses the record, not the file).
"""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.errors import DatahubError
from datahub.mapping import lift, parse

SUITES = Path(__file__).parents[3] / "shared" / "corpus" / "rml"
BASE = "http://example.com/base/"
V1_FAILING = {"0002c", "0002e", "0002g", "0004b", "0007h", "0012c", "0012d", "0015b"}
"""The cases of rml-v1 that have to fail, as its manifest marks them (the outputs beside some of them are leftovers)."""

NOT_YET: dict[str, str] = {
    "rml-v1/RMLTC0002c-JSON": "a member that no record has is a warning, since JSON leaves out what is empty",
    "rml-v1/RMLTC0002c-XML": "an element that no record has is a warning, since XML leaves out what is empty",
    "rml-core/RMLTC0025b-JSON": "a reference that points at a list instead of its items is a warning",
}
"""Cases that do not pass yet, with the reason. `test_cases_that_are_listed_as_not_passing_do_not_pass` keeps it honest."""


def cases(suite: str, *kinds: str) -> list[Path]:
    folder = SUITES / suite
    return sorted(case for case in folder.glob("RML*") if case.name.split("-")[-1] in kinds) if folder.is_dir() else []


ALL = [*cases("rml-v1", "CSV", "JSON", "XML"), *cases("rml-core", "JSON"), *cases("rml-fnml", "CSV")]


def manifest(case: Path) -> tuple[bool, str]:
    """Whether ``case`` has to fail, and its base IRI."""
    if case.parent.name == "rml-v1":
        return case.name.removeprefix("RMLTC").split("-")[0] in V1_FAILING, BASE
    with (case.parent / "metadata.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["ID"] == case.name)
    return row["error"] == "true", row.get("base_iri") or BASE


def canonical(text: str) -> ox.Dataset | set[str]:
    try:
        dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    except SyntaxError:  # rml:UnsafeIRI makes IRIs that N-Quads does not allow
        return {line.strip() for line in text.splitlines() if line.strip()}
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def outcome(case: Path) -> str:
    """ "passes", or what is wrong."""
    failing, base = manifest(case)
    try:
        result = lift(parse(case / "mapping.ttl"), None, base)
    except DatahubError as error:
        return "passes" if failing else f"error: {error}"
    if failing:
        return "passes" if "violation" in result.findings["severity"].to_list() else "should have failed"
    output = case / "output.nq"
    expected = output.read_text("utf-8") if output.exists() else ""
    found = "".join(result.frame.canonical_lines().to_list())
    return "passes" if canonical(found) == canonical(expected) else f"got\n{found}\nexpected\n{expected}"


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


@pytest.mark.corpus
@pytest.mark.skipif(not SUITES.is_dir(), reason="the folder ../shared with the RML suites is absent")
@pytest.mark.parametrize("case", [case for case in ALL if name_of(case) not in NOT_YET], ids=name_of)
def test_case(case: Path) -> None:
    assert outcome(case) == "passes"


@pytest.mark.corpus
@pytest.mark.skipif(not SUITES.is_dir(), reason="the folder ../shared with the RML suites is absent")
def test_cases_that_are_listed_as_not_passing_do_not_pass() -> None:
    by_name = {name_of(case): case for case in ALL}
    assert set(NOT_YET) <= set(by_name)
    passing = []
    for name in NOT_YET:
        try:
            if outcome(by_name[name]) == "passes":
                passing.append(name)
        except Exception:  # noqa: BLE001
            continue
    assert passing == []
