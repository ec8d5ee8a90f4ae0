"""What depends on a change is checked again, nothing else, and the report is the one that a full validation gives."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from datahub.rdf.frame import Frame
from datahub.rdf.terms import Term
from datahub.shacl import Report, load, revalidate, validate
from datahub.shacl.change import Change
from datahub.shacl.revalidation import affected

from .conftest import EX, frame_of, short
from .generated import HIERARCHY, NUMBERS, TEXTS, TYPED, data_graphs, shapes_graphs

MORE_SHAPES = [
    "ex:X1 sh:targetClass ex:B ; sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:maxCount 0 ] .",
    """ex:X2 sh:targetClass ex:A , ex:C ; sh:property ex:X21 .
        ex:X21 sh:path ex:p ; sh:property ex:X22 .
        ex:X22 sh:path ex:q ; sh:minCount 1 ; sh:property ex:X23 .
        ex:X23 sh:path [ sh:inversePath ex:r ] ; sh:class ex:B .""",
    """ex:X3 sh:targetSubjectsOf ex:q ; sh:property ex:X31 , ex:X32 .
        ex:X31 sh:path ex:r ; sh:qualifiedValueShape [ sh:class ex:A ] ;
            sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true .
        ex:X32 sh:path ex:r ; sh:qualifiedValueShape [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ] ;
            sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true .""",
    """ex:X4 sh:targetObjectsOf ex:r ; sh:targetNode ex:n1 , ex:nowhere ; sh:minCount 1 ;
            sh:path ( [ sh:oneOrMorePath [ sh:alternativePath ( ex:p [ sh:inversePath ex:q ] ) ] ] ex:r ) ;
            sh:node [ sh:closed true ; sh:property ex:X41 ] .
        ex:X41 sh:path ex:q ; sh:lessThan ex:high .""",
    "ex:X5 sh:targetClass ex:C ; sh:property [ sh:path ex:r ; dh:startsWithValueOf ex:p ] .",
    "ex:X6 sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:class ex:B ] .",
    "ex:X7 sh:targetClass ex:B ; sh:property [ sh:path [ sh:inversePath ex:q ] ; sh:nodeKind sh:Literal ; sh:class ex:C ] .",
    """ex:X8 sh:targetClass ex:C ; sh:node [ sh:property [ sh:path ex:q ; sh:class ex:A ] ] ;
        sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ] .""",
    'ex:X9 sh:targetClass ex:B ; sh:sparql [ sh:select "SELECT $this WHERE { $this ex:p ?x . ?x ex:q ?y }" ] .',
    'ex:X10 sh:targetClass ex:C ; sh:sparql [ sh:select "SELECT $this ?value WHERE { ?value ?any $this }" ] .',
    """ex:X11 sh:targetClass ex:B ; sh:sparql [
        sh:select "SELECT $this WHERE { $this ex:p ?x . FILTER NOT EXISTS { ?x a ex:A . ?y ex:r ?x } }" ] .""",
    'ex:X12 sh:targetClass ex:A ; sh:sparql [ sh:select "SELECT $this WHERE { $this ex:p+/ex:q ?x }" ] .',
]
"""What the differential tests leave out, and shapes that find something in most data."""


@st.composite
def shapes_of_all_kinds(draw: st.DrawFn) -> str:
    """Generated shapes, and some of `MORE_SHAPES`."""
    more = draw(st.lists(st.sampled_from(MORE_SHAPES), max_size=4, unique=True))
    text = "\n".join([draw(shapes_graphs(draw(st.booleans()))), *more])
    return text.replace('"SELECT', f'"PREFIX ex: <{EX}> SELECT')


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, str]:
    """Data, and the same with some statements less and some more. Blank nodes would have other labels after it: none are there."""
    graphs = data_graphs(NUMBERS + TEXTS + TYPED).map(lambda text: text.replace("_:", "ex:blank-"))
    before = [line for line in draw(graphs).split("\n") if line]
    pool = sorted({line for line in draw(graphs).split("\n") if line} | set(HIERARCHY))
    more = draw(st.lists(st.sampled_from(pool), max_size=3))
    gone = draw(st.sets(st.integers(0, max(0, len(before) - 1)), max_size=3))
    return "\n".join(before), "\n".join([line for at, line in enumerate(before) if at not in gone] + more)


def found(report: Report) -> Counter[tuple[object, ...]]:
    """The results by term, and how often the standard counts each."""
    counted: Counter[tuple[object, ...]] = Counter()
    for row in report.results.iter_rows(named=True):
        value = None if row["value"] is None else report.term(row["value"])
        told = (row["path"], row["component"], row["shape"], row["severity"], row["message_en"])
        counted[report.term(row["focus"]), value, *told] += row["times"]
    return counted


@settings(max_examples=max(120, settings().max_examples))
@given(data=changes(), text=shapes_of_all_kinds())
def test_the_report_after_a_change_is_that_of_a_full_validation(data: tuple[str, str], text: str) -> None:
    note(f"{data[0]}\n---\n{data[1]}\n---\n{text}")
    loaded = load(frame_of(text))
    before, after = map(frame_of, data)
    earlier, whole = validate(before, loaded), validate(after, loaded)
    again = revalidate(earlier, before, after)
    assert found(again) == found(whole)
    assert (again.accepted, again.focus_nodes) == (whole.accepted, whole.focus_nodes)
    if whole.focus_nodes:  # where nothing was checked, asking warns
        assert again.conforms == whole.conforms
    assert [shape.node for shape in again.unused] == [shape.node for shape in whole.unused]


HERE = {"ex:a a ex:A", "ex:b a ex:A", "ex:c a ex:A", "ex:c ex:p ex:d", "ex:d ex:q ex:e", "ex:e a ex:E", "ex:f a ex:F"}
"""ex:c leads to ex:e by p and q; nothing else leads anywhere."""


def stated(statements: set[str]) -> Frame:
    return frame_of("".join(f"{each} .\n" for each in sorted(statements)))


@pytest.mark.parametrize(
    ("shape", "less", "more", "again"),
    [
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "", "ex:a ex:p 1", "a"),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "ex:c ex:p ex:d", "", "c"),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "", "ex:a ex:other 1 . ex:f ex:p 1", ""),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "ex:a a ex:A", "ex:f a ex:A", "a f"),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "", "ex:F rdfs:subClassOf ex:A", "f"),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:maxCount 1 ]", "", "ex:d ex:q 1 . ex:e ex:q 1", "c"),
        ("sh:property [ sh:path [ sh:zeroOrMorePath [ sh:alternativePath ( ex:p ex:q ) ] ] ; sh:nodeKind sh:IRI ]", "",
         "ex:e ex:p 1", "c"),
        ("sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 0 ]", "", "ex:f ex:p ex:b", "b"),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:class ex:E ]", "ex:e a ex:E", "", "c"),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:class ex:E ]", "", "ex:e a ex:Other . ex:e ex:r 1", ""),
        ("sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:nodeKind sh:IRI ] ] ]", "", "ex:d ex:q 1", "c"),
        ("sh:not [ sh:property [ sh:path ex:p ; sh:not [ sh:closed true ; sh:ignoredProperties ( ex:q ) ] ] ]", "",
         "ex:d ex:r 1", "c"),
        ("sh:not [ sh:property [ sh:path ex:p ; sh:not [ sh:closed true ; sh:ignoredProperties ( ex:q ) ] ] ]", "",
         "ex:d ex:q 1", ""),
        ("sh:property [ sh:path ex:p ; sh:equals ex:r ]", "", "ex:b ex:r 1", "b"),
        ("sh:sparql [ sh:select 'SELECT $this WHERE { $this <http://example.org/p> ?x . ?y <http://example.org/r> ?x }' ]", "",
         "ex:f ex:r ex:d", "c"),
        ("sh:sparql [ sh:select 'SELECT $this WHERE { $this <http://example.org/p>* ?x . ?y <http://example.org/r> ?x }' ]", "",
         "ex:f ex:r ex:d", "a b c"),
        ("sh:sparql [ sh:select 'SELECT $this WHERE { { $this <http://example.org/p> ?x } }' ]", "", "ex:b ex:r ex:d", ""),
    ],
)  # fmt: skip
def test_a_change_concerns_those_nodes_that_can_see_it(shape: str, less: str, more: str, again: str) -> None:
    """Of the focus nodes a, b and c of class A, and of what becomes one."""
    shapes = load(frame_of(f"ex:S a sh:NodeShape ; sh:targetClass ex:A ; {shape} ."))
    assert {less} <= HERE | {""}
    change = Change.between(stated(HERE), stated((HERE - {less}) | set(filter(None, more.split(" . ")))))
    focus = affected(shapes, change).focus[Term.iri(EX + "S")]
    assert {short(change.union.terms["lexical"][code]) for code in focus} == set(again.split())
