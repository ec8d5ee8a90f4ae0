"""What is listed as not read back, when a mapping is compiled, is what lowering does not read back, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace as Kit

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.mapping import columns, lower, parse
from datahub.mapping.lenses import LENSES
from tests.connectors.packages import COLUMNS, graphs, packages

CODES = pl.DataFrame({"code": ["a", "b"], "iri": ["http://ex.org/A", "http://ex.org/B"]})
VALUES = {
    "decimal": "4.20", "decimalComma": "4,20", "integer": "7", "scale": "4.20", "boolean": "oui", "date": "2026-05-31",
    "dateTime": "2026-05-31T18:30:00", "lookup": "a", "recode": "a", "department": "38185", "departmentOfPostcode": "38000",
    "degrees": "44°45'12\"N",
    "match": "abc", "less": "1", "greater": "1", "freeOrPriced": "2", "if": "true", "not": "false", "and": "true",
}  # fmt: skip
FIXED = {
    "separator": "|", "index": "0", "factor": "10", "format": "%Y-%m-%dT%H:%M:%S", "scheme": "http://ex.org/s", "pairs": "a=A|b=B",
    "otherwise": "x", "prefix": "p-", "find": "a", "with": "b", "pattern": "(a)", "list": "a|b", "other": "a", "then": "x",
}  # fmt: skip


def every_lens() -> list[tuple[str, str, str]]:
    """Name, value and the Turtle of an object map of each lens there is."""
    found = []
    for lens in LENSES.values():
        first, *others = lens.parameters
        needed = [p for p in others if p.required]
        inputs = [f'[ rml:parameter fn:{first.name} ; rml:inputValueMap [ rml:reference "v" ] ]']
        inputs += [f'[ rml:parameter fn:{p.name} ; rml:inputValue """{FIXED[p.name]}""" ]' for p in needed]
        inside = (
            f"rml:functionExecution [ rml:function fn:{lens.name} ; rml:input {', '.join(inputs)} ] ; rml:return fn:out"
        )
        found.append((lens.name, VALUES.get(lens.name, "a"), inside))
    return found


OTHERS = [
    ("reference", "a", 'rml:reference "v"'),
    ("iri", "http://ex.org/a", 'rml:reference "v" ; rml:termType rml:IRI'),
    ("relative iri", "a", 'rml:reference "v" ; rml:termType rml:IRI'),
    ("blank node", "a", 'rml:reference "v" ; rml:termType rml:BlankNode'),
    ("blank template", "a", 'rml:template "b{v}" ; rml:termType rml:BlankNode'),
    ("template", "a/é", 'rml:template "x/{v}"'),
    ("twice in a template", "a", 'rml:template "x/{v}/{v}"'),
    ("text template", "a b", 'rml:template "x {v} y" ; rml:termType rml:Literal'),
    ("unsafe", "a b", 'rml:template "http://ex.org/{v}" ; rml:termType rml:UnsafeIRI'),
    ("language", "a", 'rml:reference "v" ; rml:language "fr"'),
    ("datatype", "a", 'rml:reference "v" ; rml:datatype ex:d'),
    ("language column", "fr", 'rml:constant "a" ; rml:languageMap [ rml:reference "v" ]'),
    ("datatype column", "http://ex.org/d", 'rml:constant "a" ; rml:datatypeMap [ rml:reference "v" ]'),
]


@pytest.mark.parametrize(("name", "value", "inside"), [*every_lens(), *OTHERS], ids=lambda each: str(each)[:20])
def test_a_construct_is_read_back_when_it_is_listed_so(kit: Kit, name: str, value: str, inside: str) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:v", inside), cls="ex:P")
    frame = kit.lifted(turtle, codes=lambda *_: CODES, id=["1"], v=[value]).frame
    assert len(frame) == 2, f"{name} makes nothing of {value}"
    listed = columns(parse(kit.PREFIXES + turtle)).filter(column="v")
    assert listed.height
    lowered = kit.lowered(turtle, frame, codes=lambda *_: CODES)
    back = lowered.tables["t.csv"]["v"].to_list()
    assert (back != [None]) == listed["invertible"].any(), (name, back, listed["reason"].to_list())
    if listed["invertible"].any():
        again = kit.lifted(turtle, codes=lambda *_: CODES, id=["1"], v=back).frame
        assert kit.lines(again) == kit.lines(frame)
        assert lowered.loss.lost == 0


@settings(deadline=None, max_examples=40)
@given(packages(), graphs(), st.sampled_from(COLUMNS))
def test_a_column_that_is_filled_is_listed_as_read_back(package: object, frame: object, column: str) -> None:
    mapping = parse(package.turtle)  # type: ignore[attr-defined]
    listed = columns(mapping).filter(column=column, invertible=True)
    table = lower(mapping, frame, "https://hub.example/made/").tables["t.csv"]  # type: ignore[arg-type]
    if column in table.columns and table[column].null_count() < table.height:
        assert listed.height
