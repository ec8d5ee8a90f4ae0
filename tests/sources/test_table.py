"""Parts of a source come together as one table; values keep their datatypes."""

from __future__ import annotations

import polars as pl

from datahub.mapping import lift, parse
from datahub.rdf.terms import XSD
from datahub.sources import json
from datahub.sources.table import Table, datatypes_of, joined, moved, without

MAPPING = """@prefix rml: <http://w3id.org/rml/> . <#m> rml:logicalSource [ rml:source "d.json" ;
    rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]" ] ; rml:subjectMap [ rml:template "i/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate <http://p/v> ; rml:objectMap [ rml:reference "v" ] ] ,
    [ rml:predicate <http://p/l> ; rml:objectMap [ rml:reference "l[*]" ] ] ."""
PAGES = [
    b'[{"id": 1, "v": 1, "l": [1, "a", null]}, {"id": 2}]',
    b'[{"id": 3, "v": 2.5, "l": ["-"]}]',
    b'[{"id": 4, "v": "text", "l": [true, "-"]}, {"id": 5, "v": 7}]',
    b"[]",
]


def read(data: bytes) -> Table:
    return json.read(data, "$[*]", ["id", "v", "l[*]"])


def lines(table: Table) -> list[str]:
    return sorted(lift(parse(MAPPING), {"d.json": table}, "https://a.example/").frame.canonical_lines().to_list())


def test_parts_lift_to_what_the_whole_lifts_to() -> None:
    whole = read(b"[" + b",".join(page[1:-1] for page in PAGES if page != b"[]") + b"]")
    parts = joined([read(page) for page in PAGES])
    assert lines(parts) == lines(whole)
    assert len(parts) == 5


def test_null_values_leave_lists_with_their_datatypes() -> None:
    kept = without(joined([read(page) for page in PAGES]), ["-", "1"])
    assert kept.columns["l[*]"].to_list() == [["a"], None, None, ["true"], None]
    assert [line for line in lines(kept) if "boolean" in line]
    assert kept.columns["v"].to_list() == [None, None, "2.5", "text", "7"]


def test_a_column_that_is_a_list_in_one_part_is_one_in_all() -> None:
    one = Table("a", pl.DataFrame({"x": ["1", None]}), pl.Series([1, 2], dtype=pl.UInt32), types={"x": XSD + "integer"})
    two = Table("a", pl.DataFrame({"x": [["a", "b"]]}), pl.Series([1], dtype=pl.UInt32))
    both = joined([one, moved(two, 2)])
    assert both.columns["x"].to_list() == [["1"], None, ["a", "b"]]
    assert both.columns[datatypes_of("x")].to_list()[0] == [XSD + "integer"]
    assert both.rows.to_list() == [1, 2, 3]
