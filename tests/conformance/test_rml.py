"""The RML test suites, one test per case: rml-v1 (rr: and rml#; files and PostgreSQL); rml-core and rml-fnml (newer vocabulary).

A case that has to fail passes when it raises one of our own errors, so that nothing is written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.errors import DatahubError
from datahub.findings import refuse_violations
from datahub.mapping import lift, lift_to, parse
from datahub.sources.access import Access
from tests.conformance.earl import Case

SUITES = Path(__file__).parents[3] / "shared" / "corpus" / "rml"
BASE = "http://example.com/base/"
V1_FAILING = {"0002c", "0002e", "0002f", "0002g", "0002h", "0003a", "0004b", "0007h", "0012c", "0012d", "0015b"}
"""The cases of rml-v1 that have to fail, as its manifest marks them (the outputs beside some of them are leftovers)."""
V1_UNMARKED = {"0002i-PostgreSQL", "0002j-PostgreSQL"}
"""The manifest does not mark these as failing, but their output is empty and their query names a column (``Name``, unquoted) that
their own table (``"Name"``) does not have: PostgreSQL refuses it, and nothing can come out."""
TESTS = {
    "rml-v1": "https://rml.io/test-cases/#",
    "rml-core": "http://w3id.org/rml/core/test/",
    "rml-fnml": "http://w3id.org/rml/fnml/test/",
}


def cases(suite: str, *kinds: str) -> list[Path]:
    folder = SUITES / suite
    return sorted(case for case in folder.glob("RML*") if case.name.split("-")[-1] in kinds) if folder.is_dir() else []


FILES = [*cases("rml-v1", "CSV", "JSON", "XML"), *cases("rml-core", "JSON"), *cases("rml-fnml", "CSV")]
RELATIONAL = cases("rml-v1", "PostgreSQL")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SUITES.is_dir(), reason="the folder ../shared with the RML suites is absent"),
]


def manifest(case: Path) -> tuple[bool, str]:
    """Whether ``case`` has to fail, and its base IRI."""
    if case.parent.name == "rml-v1":
        name = case.name.removeprefix("RMLTC")
        return name.split("-")[0] in V1_FAILING or name in V1_UNMARKED, BASE
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


def lifted(case: Path, base: str, access: Access) -> str:
    """The N-Quads of ``case``. A value that can't become a term stops the newer suites (RML-Core, data errors); rml-v1 goes on
    without it."""
    mapping = parse(case / "mapping.ttl")
    result = lift(mapping, None, base, access=access)
    if case.parent.name != "rml-v1":
        refuse_violations(result.findings)
    text = "".join(result.frame.canonical_lines().to_list())
    streamed = io.BytesIO()
    lift_to(streamed, mapping, None, base, access=access, graphs=True)
    assert canonical(streamed.getvalue().decode()) == canonical(text)
    return text


def check(case: Path, access: Access) -> None:
    failing, base = manifest(case)
    if failing:
        with pytest.raises(DatahubError) as refused:
            lifted(case, base, access)
        assert refused.value.message.en
        assert refused.value.message.fr
        return
    output = case / "output.nq"
    expected = output.read_text("utf-8") if output.exists() else ""
    assert canonical(lifted(case, base, access)) == canonical(expected)


def told(case: Path) -> Case:
    suite, form = case.parent.name, case.name.split("-")[-1]
    return Case(suite, form, TESTS[suite] + case.name, case.name)


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


@pytest.mark.parametrize("case", FILES, ids=name_of)
def test_files(case: Path, conformance: Callable[[Case], None]) -> None:
    conformance(told(case))
    check(case, Access())


@pytest.mark.parametrize("case", RELATIONAL, ids=name_of)
def test_postgresql(case: Path, conformance: Callable[[Case], None], request: pytest.FixtureRequest) -> None:
    conformance(told(case))
    postgres_url: str = request.getfixturevalue(
        "postgres_url"
    )  # here, so that a case without a server counts as untested
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        # The scripts write the backslash of bytea values twice.
        connection.execute("SET standard_conforming_strings = off")
        connection.execute((case / "resource.sql").read_text("utf-8"))
    check(case, Access(databases={"": postgres_url}))


def test_every_case_of_the_suites_is_run() -> None:
    folders = {case.name for suite in TESTS for case in (SUITES / suite).glob("RML*") if case.is_dir()}
    assert folders == {case.name for case in [*FILES, *RELATIONAL]}
