"""Records: what belongs together, its text and its hash."""

import hashlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf import texts
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder, empty
from datahub.rdf.split import record_iris, split
from datahub.rdf.terms import BLANK, IRI, LITERAL, Term

subjects = st.sampled_from(["http://e/a", "http://e/a/b", "http://e/a#x", "http://e/a!#genid-0a", "http://e/é#x"])
values = st.text(st.characters(blacklist_categories=["Cs"]), max_size=4)
triples = st.lists(
    st.tuples(subjects, st.sampled_from("pq"), values, st.sampled_from([None, "fr", "fr-be"])), max_size=12
)


def frame_of(rows: list[tuple[str, str, str, str | None]]) -> Frame:
    builder = FrameBuilder()
    for number, (s, p, o, language) in enumerate(rows, 2):
        row = pl.Series([number], dtype=pl.UInt32)
        builder.add(Column(IRI, pl.Series([s])), Term.iri(f"http://e/{p}"), Term.literal(o, None, language), row=row)
    return builder.build()


@given(triples)
def test_a_record_is_its_lines_sorted_and_its_hash_that_of_the_sorted_lines(
    rows: list[tuple[str, str, str, str | None]],
) -> None:
    frame = frame_of(rows)
    records = split(frame)
    lines = frame.lines().to_list()
    for number, (record, _, digest) in enumerate(records.index.iter_rows()):
        own = [line for line, owner in zip(lines, records.owner.to_list(), strict=True) if owner == number]
        body = "".join(sorted(own)).encode()
        assert list(records.bodies([number])) == [body]
        assert digest == hashlib.sha256(body).hexdigest()
        assert all(line.startswith(f"<{record}") for line in own)
    assert b"".join(records.table["body"].to_list()).count(b"\n") == len(frame)
    assert records.index["record"].to_list() == sorted(records.index["record"].to_list())


def test_parts_belong_to_their_record_and_lone_fragments_stand_alone() -> None:
    iris = pl.Series(
        ["http://e/a", "http://e/a#x", "http://e/b#x", "http://e/b#x.genid-0f", "http://e/a#genid-1", "http://e/c#y"]
    )
    expected = ["http://e/a", "http://e/a", "http://e/b#x", "http://e/b#x", "http://e/a", "http://e/c#y"]
    assert record_iris(iris).to_list() == expected
    assert record_iris(iris, pl.Series(["http://e/c"])).to_list()[-1] == "http://e/c"


def test_a_record_knows_its_first_row() -> None:
    records = split(
        frame_of([("http://e/b", "p", "1", None), ("http://e/a#x", "p", "1", None), ("http://e/a", "q", "2", None)])
    )
    assert records.index.select("record", "row").rows() == [("http://e/a", 3), ("http://e/b", 2)]


def test_graph_names_do_not_change_a_record() -> None:
    def quads(graphs: list[str]) -> Frame:
        builder = FrameBuilder()
        for graph in graphs:
            builder.add(
                Column(IRI, pl.Series(["http://e/a"])), Term.iri("http://e/p"), Term.literal("1"), Term.iri(graph)
            )
        return builder.build()

    assert split(quads(["http://g/1", "http://g/2"])).index.equals(split(quads(["http://g/3"])).index)


def test_records_that_fill_several_buffers_are_cut_right(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"http://e/{n % 7}", "p", "x" * n, None) for n in range(40)]
    whole = split(frame_of(rows)).table
    monkeypatch.setattr(texts, "PIECE", 3)
    assert split(frame_of(rows)).table.equals(whole)


def test_texts_of_some_records_come_in_the_order_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "PIECE", 3)
    records = split(frame_of([(f"http://e/{n % 7}", "p", "x" * n, None) for n in range(40)]))
    whole = records.table["body"].to_list()
    some = records.bodies([5, 0, 6, 6, 2])
    assert list(some) == [whole[number] for number in (5, 0, 6, 6, 2)]
    assert list(some[1::2]) == [whole[0], whole[6]]
    assert (some[-1], len(some), list(records.bodies([]))) == (whole[2], 5, [])


def test_an_empty_frame_has_no_records() -> None:
    assert len(split(empty())) == 0


def test_blank_nodes_must_be_named_first() -> None:
    builder = FrameBuilder()
    builder.add(Column(BLANK, pl.Series(["b"])), Term.iri("http://e/p"), Column(LITERAL, pl.Series(["x"])))
    with pytest.raises(ValueError, match="skolemise"):
        split(builder.build())
