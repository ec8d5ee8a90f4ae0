"""Files cut by records: nothing is lost, no record is divided, and what leads out of records is seen."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.rdf.scatter import Chosen, sample, scatter
from datahub.rdf.terms import RDF_TYPE

EX = "https://t.example/"
NOTHING = Chosen(frozenset(), frozenset())
NODES = [*(f"<{EX}r{n}>" for n in range(6)), *(f"<{EX}r{n}#a>" for n in range(6)), "_:x"]
LINES = st.builds(
    "{} <https://t.example/{}> {} .".format,
    st.sampled_from(NODES),
    st.sampled_from("pq"),
    st.sampled_from([*NODES, '"#> ."', '"é"@fr']),
)


def record(line: str) -> str:
    return line.split(" ")[0].strip("<>").partition("#")[0]


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=40), parts=st.integers(1, 5))
def test_each_statement_is_in_the_part_of_its_record(lines: list[str], parts: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "data.nt"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        cut = scatter(file, Path(folder), parts, shared=NOTHING, gathered=None, graphs=False)
        assert cut is not None
        texts = [part.read_text("utf-8").splitlines() for part in cut.files]
    assert sorted(line for text in texts for line in text) == sorted(lines)
    homes = [{record(line) for line in text} for text in texts]
    assert sum(map(len, homes)) == len(set().union(*homes))
    crossing = {line.split(" ")[1] for line in lines if line.split(" ")[2][0] != '"' and record(line) != other(line)}
    assert cut.observed.outer == {predicate.strip("<>") for predicate in crossing}
    assert cut.observed.valued == {line.split(" ")[1].strip("<>") for line in lines if line.split(" ")[2][0] == '"'}


def other(line: str) -> str:
    return line.split(" ")[2].strip("<>").partition("#")[0]


def test_chosen_statements_are_in_every_part_and_in_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "data.nq"
    types = [f"<{EX}r{n}> <{RDF_TYPE}> <{EX}{'AB'[n % 2]}> <{EX}graph> ." for n in range(10)]
    names = [f'<{EX}r{n}> <{EX}name> "{n}" .' for n in range(10)]
    file.write_text("\n".join([*types, *names]) + "\n", "utf-8")
    chosen = Chosen(frozenset(), frozenset({f"{EX}A"}))
    cut = scatter(file, tmp_path, 3, shared=chosen, gathered=Chosen(frozenset({f"{EX}name"}), frozenset()), graphs=True)
    assert cut is not None
    for part in cut.files:
        assert set(types[::2]) <= set(part.read_text("utf-8").splitlines())
    assert cut.gathered.read_text("utf-8").splitlines() == names


def test_a_sample_shows_what_leads_out_and_how_much_there_is(tmp_path: Path) -> None:
    file = tmp_path / "data.nt"
    rows = [f'<{EX}r{n}> <{EX}name> "{n}" .\n<{EX}r{n}> <{EX}part> <{EX}r{n}#a> .\n' for n in range(500)]
    file.write_text(f"<{EX}r0> <{EX}near> <{EX}r1> .\n" + "".join(rows) + f"<{EX}r0> <{EX}late> <{EX}r1> .\n", "utf-8")
    found = sample(file, graphs=False, piece=2000)
    assert found is not None
    observed, counts = found
    assert observed.outer == {f"{EX}near", f"{EX}late"}
    assert observed.valued == {f"{EX}name"}
    assert set(counts["p"]) == {f"{EX}{name}" for name in ("near", "name", "part", "late")}


def test_other_layouts_are_not_cut(tmp_path: Path) -> None:
    file = tmp_path / "data.nt"
    file.write_text(f'# a comment\n<{EX}a>\t<{EX}p> "x" .\n', "utf-8")
    assert sample(file, graphs=False) is None
    assert scatter(file, tmp_path, 2, shared=NOTHING, gathered=None, graphs=False) is None
