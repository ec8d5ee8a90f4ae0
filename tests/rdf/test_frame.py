"""The frame: a set of triples in columns, its terms distinct."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf.columns import Column
from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame, FrameBuilder, concat, distinct, empty
from datahub.rdf.terms import IRI, LITERAL, XSD, Term

NAME = Term.iri("http://example.org/name")
NAME_NT = "<http://example.org/name>"
texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)


def frame_of(pairs: list[tuple[str, str]], predicate: Term = NAME, language: str | None = None) -> Frame:
    builder = FrameBuilder()
    subjects = pl.Series([f"http://example.org/{s}" for s, _ in pairs], dtype=pl.String)
    values = pl.Series([o for _, o in pairs], dtype=pl.String)
    builder.add(Column(IRI, subjects), predicate, Column(LITERAL, values, None, language))
    return builder.build()


@given(st.lists(st.tuples(st.sampled_from("abc"), texts)))
def test_a_frame_is_a_set_of_triples_over_distinct_terms(pairs: list[tuple[str, str]]) -> None:
    frame = frame_of(pairs)
    assert len(frame) == len(set(pairs))
    assert frame.terms.height == frame.terms.select(pl.struct(*TERM_SCHEMA).n_unique()).item()


@given(st.lists(st.tuples(st.sampled_from("abc"), texts)), st.lists(st.tuples(st.sampled_from("bcd"), texts)))
def test_concat_is_set_union(left: list[tuple[str, str]], right: list[tuple[str, str]]) -> None:
    assert concat([frame_of(left), frame_of(right)]).equals(frame_of(left + right))


@given(st.lists(st.tuples(st.sampled_from("abc"), texts), min_size=1))
def test_compacting_changes_no_triple(pairs: list[tuple[str, str]]) -> None:
    frame = frame_of(pairs)
    part = frame.filter(pl.col("s") == frame.triples["s"][0])
    compact = part.compact()
    assert compact.equals(part)
    assert compact.terms.height <= part.terms.height


def test_missing_values_make_no_triple_and_rows_are_kept() -> None:
    builder = FrameBuilder()
    subject = Column(IRI, pl.Series(["http://a", "http://b", None]))
    builder.add(subject, NAME, Column(LITERAL, pl.Series(["x", None, "z"])), row=pl.Series([2, 3, 4]))
    frame = builder.build()
    assert frame.lines().to_list() == ['<http://a> <http://example.org/name> "x" .\n']
    assert frame.triples["row"].to_list() == [2]


def test_literals_are_escaped_as_canonical_ntriples() -> None:
    frame = frame_of([("a", 'q"\\\n\r\té\x01')], language="FR")
    assert frame.lines()[0].split(" ", 2)[2] == '"q\\"\\\\\\n\\r\\té\\u0001"@fr .\n'


def test_the_same_text_with_another_datatype_or_language_is_another_term() -> None:
    builder = FrameBuilder()
    subject = Column(IRI, pl.Series(["http://a"]))
    for value in (
        Term.literal("1"),
        Term.literal("1", XSD + "integer"),
        Term.literal("1", language="fr"),
        Term.iri("1"),
    ):
        builder.add(subject, NAME, value)
    frame = builder.build()
    assert len(frame) == 4
    assert frame.code(Term.literal("1", language="FR")) is not None
    assert frame.code(Term.literal("2")) is None


def test_named_graphs_make_quads() -> None:
    builder = FrameBuilder()
    subject = Column(IRI, pl.Series(["http://a"]))
    builder.add(subject, NAME, Term.literal("x"), Term.iri("http://g"))
    builder.add(subject, NAME, Term.literal("x"))
    assert sorted(builder.build().lines()) == [
        '<http://a> <http://example.org/name> "x" .\n',
        '<http://a> <http://example.org/name> "x" <http://g> .\n',
    ]


def test_one_subject_under_one_predicate_in_two_blocks_is_still_one_triple() -> None:
    builder = FrameBuilder()
    subject = Column(IRI, pl.Series(["http://a", "http://a"]))
    builder.add(subject, NAME, Column(LITERAL, pl.Series(["x", "x"])), row=pl.Series([5, 6]))
    builder.add(subject, NAME, Term.literal("x"))
    frame = builder.build()
    assert frame.triples["row"].to_list() == [5]


def test_an_empty_frame_has_no_lines() -> None:
    assert len(empty().lines()) == 0
    assert empty().equals(concat([]))


codes = st.integers(0, 3)
quads = st.lists(st.tuples(codes, codes, codes, st.none() | codes, codes), max_size=20)


@given(quads, st.sampled_from([4, 1 << 20]))
def test_of_equal_triples_the_first_stays_where_it_is(
    rows: list[tuple[int, int, int, int | None, int]], size: int
) -> None:
    kept = distinct(pl.DataFrame(rows, schema=TRIPLE_SCHEMA, orient="row"), size).rows()
    assert kept == [row for at, row in enumerate(rows) if row[:4] not in {other[:4] for other in rows[:at]}]


def test_columns_that_come_and_go_are_never_taken_for_one_another() -> None:
    builder = FrameBuilder()
    for n in range(200):  # the memory of a column that is gone is given to the next
        builder.add(Column(IRI, pl.Series([f"http://a/{n}"])), NAME, Column(LITERAL, pl.Series([str(n)])))
    assert builder.build().lines().to_list() == [f'<http://a/{n}> {NAME_NT} "{n}" .\n' for n in range(200)]
