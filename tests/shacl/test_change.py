"""A change is the same however it is made: from two whole states, or from one and what is replaced in it."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.shacl.change import Change

from .conftest import EX

lines = st.lists(
    st.builds(
        "<{0}{1}> <{0}{2}> {3}{4} .\n".format,
        st.just(EX),
        st.sampled_from("abcd"),
        st.sampled_from("pq"),
        st.sampled_from(['"1"', '"1"@en', '"a"', f'"1"^^<{EX}t>', f"<{EX}a>", f"<{EX}x>"]),
        st.sampled_from(["", "", f" <{EX}g>"]),
    ),
    max_size=14,
)


def stated(texts: list[str]) -> Frame:
    return parse("".join(texts).encode(), "nq")


def plain(frame: Frame) -> set[str]:
    """The triples without their graphs."""
    return set(Frame(frame.terms, frame.triples.with_columns(pl.lit(None, pl.UInt32).alias("g"))).lines())


def parted(frame: Frame) -> dict[int, list[tuple[object, ...]]]:
    """By predicate, in any order."""
    return {code: sorted(part.rows(), key=str) for code, part in frame.by_predicate.items()}


def sound(change: Change) -> None:
    """What a change says of itself holds."""
    terms = change.after.terms
    assert change.before.terms is terms
    assert terms.n_unique() == terms.height
    before, after = plain(change.before), plain(change.after)
    assert plain(Frame(terms, change.lost)) == before - after
    assert plain(Frame(terms, change.gained)) == after - before
    assert plain(change.union) == before | after
    assert parted(change.union) == parted(Frame(terms, change.union.triples))


@settings(max_examples=100)
@given(before=lines, after=lines, known=st.booleans())
def test_between_two_states_lies_what_only_one_of_them_has(before: list[str], after: list[str], known: bool) -> None:
    one, other = stated(before), stated(after)
    assert not known or other.by_predicate is not None
    change = Change.between(one, other)
    sound(change)
    assert (plain(change.before), plain(change.after)) == (plain(one), plain(other))


@settings(max_examples=100)
@given(before=lines, gone=st.sets(st.sampled_from("abcd")), more=lines, known=st.booleans(), same=lines)
def test_replacing_some_subjects_is_the_change_to_the_state_that_it_makes(
    before: list[str], gone: set[str], more: list[str], known: bool, same: list[str]
) -> None:
    one, added = stated(before), stated(more)
    assert not known or one.by_predicate is not None
    change = Change.replacing(one, pl.Series([EX + name for name in gone], dtype=pl.String), added)
    sound(change)
    stay = {line for line in plain(one) if line[len(EX) + 1] not in gone}
    assert (plain(change.before), plain(change.after)) == (plain(one), stay | plain(added))
    other = stated([line.replace(f"<{EX}", f"<{EX}far-", 1) for line in same])
    wider = change.beside(other)
    sound(wider)
    assert plain(wider.after) == plain(change.after) | plain(other)
    assert plain(Frame(wider.after.terms, wider.lost)) == plain(Frame(change.after.terms, change.lost))
