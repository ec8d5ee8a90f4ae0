"""Of data that lie elsewhere only what is looked at is brought in, and the results are those of the whole."""

from __future__ import annotations

import polars as pl
from hypothesis import given, note, settings

from datahub.rdf.frame import Frame
from datahub.shacl import Shapes, load
from datahub.shacl.change import Change
from datahub.shacl.dependence import Affected
from datahub.shacl.ground import Looked
from datahub.shacl.revalidation import affected, validate_affected
from datahub.shacl.surroundings import surrounded

from .conftest import EX, frame_of, short
from .test_dependence import changes, found, shapes_of_all_kinds


class Store:
    """A graph that gives all triples of a subject at a time, each once. ``given``: the subjects that it gave; ``sought``: how many
    links it was asked for."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.given: list[str] = []
        self.sought = 0

    def fetch(self, looked: Looked) -> Frame:
        names, texts, t = self.frame.terms["lexical"], self.frame.ntriples_terms, self.frame.triples
        triples = pl.DataFrame(
            {"subject": names.gather(t["s"]), "predicate": names.gather(t["p"]), "value": texts.gather(t["o"])}
        )
        linked = triples.join(looked.into, on=["predicate", "value"], how="semi")["subject"]
        wanted = triples["subject"] if looked.everything else pl.concat([looked.own.alias("subject"), linked])
        self.sought += looked.into.height
        new = triples["subject"].is_in(wanted.implode()) & ~triples["subject"].is_in(self.given)
        self.given += triples["subject"].filter(new).unique().to_list()
        return self.frame.filter(pl.lit(new))


def of(frame: Frame, subjects: pl.Series, *, inside: bool) -> Frame:
    """The triples of ``subjects`` (IRIs), or the others."""
    return frame.filter(pl.lit(frame.terms["lexical"].gather(frame.triples["s"]).is_in(subjects.implode()) == inside))


def by_name(which: Affected, change: Change, shapes: Shapes) -> dict[str, set[str]]:
    """The affected focus nodes of each shape; terms that only the shapes mention are beyond the table of the change."""
    names = change.union.terms["lexical"]
    return {
        shape.node.lexical: {names[code] for code in which.focus[shape.node] if code < len(names)}
        for shape in shapes.targeted
    }


@settings(max_examples=max(60, settings().max_examples // 2))
@given(data=changes(), text=shapes_of_all_kinds())
def test_what_is_brought_in_is_enough(data: tuple[str, str], text: str) -> None:
    note(f"{data[0]}\n---\n{data[1]}\n---\n{text}")
    shapes = load(frame_of(text))
    whole = Change.between(*map(frame_of, data))
    subjects = whole.union.terms["lexical"].gather(whole.triples.triples["s"].unique())
    store = Store(of(whole.after, subjects, inside=False))
    parts = (of(state, subjects, inside=True) for state in (whole.before, whole.after))
    part, which = surrounded(shapes, Change.between(*parts), pl.Series([], dtype=pl.String), store.fetch)
    expected = affected(shapes, whole)
    assert by_name(which, part, shapes) == by_name(expected, whole, shapes)
    for here, there in ((part.before, whole.before), (part.after, whole.after)):
        assert found(validate_affected(here, shapes, which)) == found(validate_affected(there, shapes, expected))


def test_nothing_is_brought_in_that_no_path_leads_to() -> None:
    shapes = load(
        frame_of(
            "ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:path ( ex:p ex:q ) ; sh:class ex:B ] ,"
            " [ sh:path [ sh:inversePath ex:r ] ; sh:maxCount 3 ] ."
        )
    )
    store = Store(
        frame_of(
            "ex:b ex:q ex:c . ex:c a ex:B . ex:far a ex:A ; ex:p ex:other . ex:near a ex:A ; ex:p ex:b ."
            " ex:d ex:r ex:a ; ex:p ex:far . ex:e ex:s ex:a . ex:c ex:r ex:far ."
        )
    )
    before, after = frame_of("ex:a a ex:A ; ex:p ex:b ."), frame_of("ex:a a ex:A ; ex:p ex:b , ex:x .")
    _, which = surrounded(shapes, Change.between(before, after), pl.Series([], dtype=pl.String), store.fetch)
    assert {short(iri) for iri in store.given} == {"b", "c", "d"}
    assert [len(nodes) for nodes in which.focus.values()] == [1]


def test_without_a_path_to_other_subjects_nothing_is_asked_for() -> None:
    shapes = load(
        frame_of(
            "ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:closed true ;"
            " sh:property [ sh:path ex:p ; sh:or ( [ sh:datatype xsd:string ] [ sh:nodeKind sh:IRI ] ) ; sh:lessThan ex:q ] ."
        )
    )
    store = Store(frame_of("ex:z a ex:A ; ex:p ex:a . ex:A rdfs:label 'A' ."))
    before, after = frame_of("ex:a a ex:A ."), frame_of("ex:a a ex:A ; ex:p 'x' .")
    surrounded(shapes, Change.between(before, after), pl.Series([EX + "a"]), store.fetch)
    assert "http://example.org/z" not in store.given
    assert store.sought == 0
