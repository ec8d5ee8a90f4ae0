"""The loss adds up, for the whole and for each record, and counts everything that the written table does not give again."""

import json
from types import SimpleNamespace as Kit

import polars as pl

from datahub.mapping import lift, lower, parse
from datahub.mapping.balance import balance
from datahub.rdf.formats import parse as read

EX = "@prefix ex: <http://ex.org/> . @base <http://hub/d/> . "


def test_each_record_has_its_lost_and_total_triples(kit: Kit) -> None:
    turtle = kit.triples_map("p", "p/{sku}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    frame = read(
        (EX + '<p/1> a ex:P ; ex:name "a" ; ex:colour "red", "blue" . <p/1#part> ex:size 3 . <p/2> a ex:P .').encode(),
        "ttl",
    )
    loss = kit.lowered(turtle, frame).loss
    assert loss.records.to_dicts() == [
        {"record": "http://hub/d/p/1", "lost": 3, "total": 5},
        {"record": "http://hub/d/p/2", "lost": 0, "total": 1},
    ]
    assert loss.records["lost"].sum() == loss.lost == loss.table["count"].sum()
    assert loss.records["total"].sum() == loss.total


def test_blank_nodes_count_with_the_record_that_leads_to_them() -> None:
    text = EX + "<p/1> ex:has [ ex:in [ ex:deep 1 ] ] . _:alone ex:x 1 . _:a ex:x _:b . _:b ex:x _:a ."
    frame = read(text.encode(), "ttl")
    found = balance(frame, pl.Series([0], dtype=pl.UInt32))
    assert found["total"].sum() == len(frame) == 6
    assert found.filter(record="http://hub/d/p/1")["total"].item() == 3
    assert found.filter(pl.col("record").str.starts_with("_:"))["total"].to_list() == [1, 1, 1]


def test_an_empty_frame_has_no_records() -> None:
    assert balance(read(b"", "nt"), pl.Series([], dtype=pl.UInt32)).height == 0


def test_the_report_holds_totals_fields_with_examples_and_records(kit: Kit) -> None:
    turtle = kit.triples_map("p", "p/{sku}", cls="ex:P")
    text = EX + " ".join(f'<p/{n}> a ex:P ; ex:colour "c{n}", "«»\\"" .' for n in range(5))
    report = json.loads(kit.lowered(turtle, read(text.encode(), "ttl")).loss.to_json())
    assert (report["total"], report["expressed"], report["lost"]) == (15, 5, 10)
    [field] = report["fields"]
    assert field["count"] == 10
    assert field["examples"] == ["c0", '«»"', "c1"]
    assert field["example_value"] == "c0"
    assert [each["record"][-1] for each in report["records"]] == list("01234")
    assert {(each["lost"], each["total"]) for each in report["records"]} == {(2, 3)}


def test_a_report_without_records_is_json_too(kit: Kit) -> None:
    assert json.loads(kit.lowered(kit.triples_map("p", "p/{sku}"), read(b"", "nt")).loss.to_json())["records"] == []


GRAPHS = (
    EX
    + "<g> { <p/1> a ex:P ; ex:name 'a' . } { <p/1> ex:name 'a' . <p/2> a ex:P ; ex:name 'b' . } <h> { <p/1> ex:colour 1 . }"
)


def test_triples_of_all_graphs_are_written_and_a_graph_that_is_not_kept_is_lost(kit: Kit) -> None:
    turtle = kit.triples_map("p", "p/{sku}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    result = kit.lowered(turtle, read(GRAPHS.encode(), "trig"))
    assert result.tables["t.csv"].to_dicts() == [{"sku": "1", "name": "a"}, {"sku": "2", "name": "b"}]
    lost = {(row["field"], row["reason"], row["count"]) for row in result.loss.table.to_dicts()}
    assert lost == {
        ("rdf:type", "graph", 1),
        ("http://ex.org/name", "graph", 1),
        ("http://ex.org/colour", "no-column", 1),
    }
    assert result.loss.lost == 3
    assert result.loss.records["total"].sum() == 6


def test_a_mapping_that_names_the_graph_keeps_it(kit: Kit) -> None:
    turtle = """
      <#p> rml:logicalSource <#csv> ;
        rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:P ; rml:graphMap [ rml:template "g/{shop}" ] ] ;
        rml:predicateObjectMap [ rml:predicate ex:shop ; rml:objectMap [ rml:reference "shop" ] ] ;
        rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ; rml:graph ex:names ] .
    """
    first = kit.lifted(turtle, sku=["1", "2"], shop=["x", "y"], name=["a", None]).frame
    result = kit.lowered(turtle, first)
    assert result.loss.lost == 0
    assert kit.lines(kit.lifted(turtle, **result.tables["t.csv"].to_dict(as_series=False)).frame) == kit.lines(first)
    plain = read("".join(line.rsplit(" <", 1)[0] + " .\n" for line in first.lines()).encode(), "nt")
    assert kit.lowered(turtle, plain).loss.lost == len(plain), "none of them would come back in the default graph"


def test_a_link_whose_condition_does_not_hold_is_lost(kit: Kit) -> None:
    condition = kit.call("notEmpty", "size")
    turtle = (
        '<#p> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:P ] ; '
        "rml:predicateObjectMap [ rml:predicate ex:part ; rml:objectMap [ rml:parentTriplesMap <#q> ] ; "
        f"rml:condition [ {condition} ] ] . "
    ) + kit.triples_map(
        "q", "p/{sku}#q", kit.pom("ex:size", 'rml:reference "size"'), kit.pom("ex:sku", 'rml:reference "sku"')
    )
    frame = read((EX + "<p/1> a ex:P ; ex:part <p/1#q> . <p/1#q> ex:sku '1' .").encode(), "ttl")
    result = kit.lowered(turtle, frame)
    again = kit.lifted(turtle, **result.tables["t.csv"].to_dict(as_series=False)).frame
    assert len(kit.lines(frame) - kit.lines(again)) == result.loss.lost == 1
    assert result.loss.table["field"].to_list() == ["http://ex.org/part"]


def test_a_join_is_written_again_from_the_name_of_the_other_record(kit: Kit) -> None:
    turtle = """
      <#trips> rml:source "trips.csv" ; rml:referenceFormulation rml:CSV .
      <#a> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "a/{id}" ; rml:class ex:Agency ] .
      <#t> rml:logicalSource <#trips> ; rml:subjectMap [ rml:template "t/{id}" ; rml:class ex:Trip ] ;
        rml:predicateObjectMap [ rml:predicate ex:by ; rml:graph ex:g ; rml:objectMap [ rml:parentTriplesMap <#a> ;
          rml:joinCondition [ rml:child "agency" ; rml:parent "id" ] ] ] .
    """
    mapping = parse(kit.PREFIXES + turtle)
    tables = {"t.csv": kit.table(id=["1"]), "trips.csv": kit.table(id=["7"], agency=["1"])}
    first = lift(mapping, tables, kit.BASE).frame
    assert any("ex.org/g" in line for line in first.lines())
    result = lower(mapping, first, kit.BASE)
    assert result.tables["trips.csv"].to_dicts() == [{"id": "7", "agency": "1"}]
    assert result.loss.lost == 0


def test_the_loss_can_be_written_as_json(kit: Kit) -> None:
    text = kit.lowered(kit.shop, kit.graph('<p/1> a ex:Product ; ex:sku "1" ; ex:colour "é" .')).loss.to_json()
    assert '"lost": 1' in text
    assert "é" in text
