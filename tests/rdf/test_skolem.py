"""Blank nodes get names that depend on the data alone."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.rdf import skolem
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.skolem import skolemise
from datahub.rdf.terms import BLANK, IRI, LITERAL, Term

Triple = tuple[str, str, str]


def kind_of(name: str) -> Term:
    if name.startswith("_:"):
        return Term(BLANK, name[2:])
    return Term.literal(name[1:]) if name.startswith('"') else Term.iri(f"http://example.org/{name}")


def frame_of(triples: list[Triple]) -> Frame:
    builder = FrameBuilder()
    for s, p, o in triples:
        subject = kind_of(s)
        builder.add(Column(subject.kind, pl.Series([subject.lexical])), kind_of(p), kind_of(o))
    return builder.build()


def lines(triples: list[Triple]) -> list[str]:
    return skolemise(frame_of(triples)).canonical_lines().to_list()


names = st.sampled_from(["a", "b#x", "_:1", "_:2", "_:3", "_:4"])
graphs = st.lists(st.tuples(names, st.sampled_from("pq"), st.one_of(names, st.sampled_from(['"1', '"2']))), max_size=9)


@given(graphs, st.randoms(use_true_random=False))
def test_names_do_not_depend_on_labels_or_order(triples: list[Triple], rng: random.Random) -> None:
    labels = ["_:x", "_:y", "_:z", "_:0"]
    rng.shuffle(labels)
    relabelled = dict(zip(["_:1", "_:2", "_:3", "_:4"], labels, strict=True))
    other = [(relabelled.get(s, s), p, relabelled.get(o, o)) for s, p, o in triples]
    rng.shuffle(other)
    try:
        expected = lines(triples)
    except InputError:
        with pytest.raises(InputError):
            lines(other)
        return
    assert lines(other) == expected
    assert len(expected) == len(set(triples))


@given(graphs)
def test_nothing_blank_is_left_and_naming_twice_changes_nothing(triples: list[Triple]) -> None:
    try:
        frame = skolemise(frame_of(triples))
    except InputError:
        return
    assert not (frame.terms["kind"] == BLANK).any()
    assert skolemise(frame).equals(frame)


def test_a_name_tells_the_subject_and_survives_a_change_of_value() -> None:
    before = lines([("shop", "price", "_:p"), ("_:p", "value", '"1')])
    after = lines([("shop", "price", "_:p"), ("_:p", "value", '"2')])
    assert before[1] == after[1]
    assert before[1].split()[2].startswith("<http://example.org/shop#genid-")


def test_below_a_part_the_separator_is_a_dot() -> None:
    (line,) = lines([("shop#offer", "price", "_:p")])
    assert line.split()[2].startswith("<http://example.org/shop#offer.genid-")


def test_equal_blank_nodes_in_one_place_stay_two() -> None:
    assert len(lines([("shop", "offer", "_:a"), ("shop", "offer", "_:b"), ("_:a", "v", '"1'), ("_:b", "v", '"1')])) == 4


def test_a_shared_blank_node_belongs_to_the_first_subject() -> None:
    found = lines([("b", "at", "_:x"), ("a", "near", "_:x"), ("_:x", "v", '"1')])
    assert sum("<http://example.org/a#genid-" in line for line in found) == 3


def test_blank_nodes_under_nothing_are_named_after_their_content() -> None:
    frame = frame_of([("_:x", "v", '"1'), ("_:x", "sub", "_:y"), ("_:y", "v", '"2')])
    found = skolemise(frame, "http://hub.example/records/d/").canonical_lines().to_list()
    top = found[1].split()[0]
    assert top.startswith("<http://hub.example/records/d/genid-")
    assert found[0].split()[0].startswith(top[:-1] + "#genid-")


def test_long_chains_are_named() -> None:
    chain = [(f"_:{n}", "rest", f"_:{n + 1}") for n in range(200)]
    assert len(lines([("list", "head", "_:0"), *chain])) == 201


def test_cliques_of_blank_nodes_are_refused_quickly() -> None:
    clique = [(f"_:{i}", "p", f"_:{j}") for i in range(12) for j in range(12) if i != j]
    with pytest.raises(InputError) as caught:
        lines(clique)
    assert caught.value.code == "blank-nodes"
    assert "nœuds anonymes" in caught.value.to("fr")


def test_endless_nesting_is_refused() -> None:
    chain = [(f"_:{n}", "rest", f"_:{n + 1}") for n in range(1100)]
    builder = FrameBuilder()
    subjects = pl.Series([f"n{n}" for n in range(len(chain))])
    values = pl.Series([f"n{n + 1}" for n in range(len(chain))])
    builder.add(Column(BLANK, subjects), kind_of("rest"), Column(BLANK, values))
    builder.add(Column(IRI, pl.Series(["http://a"])), kind_of("head"), Column(BLANK, pl.Series(["n0"])))
    builder.add(Column(IRI, pl.Series(["http://a"])), kind_of("v"), Column(LITERAL, pl.Series(["x"])))
    with pytest.raises(InputError):
        skolemise(builder.build())


def test_a_long_ring_of_blank_nodes_is_compared_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one of them has a value: how far each is from it, takes half as many rounds to see as there are nodes."""
    size = 200
    ring = [(f"_:{n}", "p", f"_:{(n + 1) % size}") for n in range(size)] + [("_:0", "p", '"1')]
    assert len(lines(ring)) == size + 1
    monkeypatch.setattr(skolem, "MAX_COMPARED", 2 * size * 50)
    with pytest.raises(InputError) as refused:
        skolemise(frame_of(ring))
    assert refused.value.code == "blank-nodes"
