"""Lifting inside Spark's tasks: the same lines and findings as on one machine, however a file is cut."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from types import SimpleNamespace as Kit
from typing import Any

import polars as pl
import pytest

from datahub.errors import DatahubError
from datahub.grouping import groups
from datahub.mapping import lift_to, parse
from datahub.mapping.spark import lift_on_spark
from datahub.mapping.spark import survey as surveyed
from tests.on_spark import lines_in

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")]

BASE = "http://hub/d/"
CSV = "rml:logicalSource [ rml:source {} ; rml:referenceFormulation rml:CSV ]"
PRODUCTS = CSV.format('"products.csv"')
CATALOGUE = f"""
<#product> {PRODUCTS} ;
  rml:subjectMap [ rml:template "p/{{sku}}" ; rml:class ex:Product ; rml:graph ex:g ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ; rml:language "fr" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:note ; rml:objectMap [ rml:reference "note" ] ] .
<#farm> {PRODUCTS} ;
  rml:subjectMap [ rml:template "farms/{{farm}}" ; rml:class ex:Farm ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "farm" ] ] .
<#node> {PRODUCTS} ;
  rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:template "p/{{sku}}" ] ] .
"""


@pytest.fixture(autouse=True)
def small_parts(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few kilobytes are cut."""
    monkeypatch.setattr(surveyed, "SMALL_BYTES", 0)
    spark.conf.set("spark.sql.files.maxPartitionBytes", "4k")


def unnamed(lines: list[str]) -> list[str]:
    """``lines`` without the names of blank nodes, which are the engine's own."""
    return sorted(re.sub(r"_:\S+", "_:", line) for line in lines)


@pytest.fixture
def same(spark: Any, kit: Kit, tmp_path: Path) -> Any:
    """Lifts on Spark and on one machine, and gives both results after comparing them."""

    def run(turtle: str, *, graphs: bool = True, codes: Any = None) -> Kit:
        (tmp_path / "m.ttl").write_text(kit.PREFIXES + turtle)
        mapping, out = parse(tmp_path / "m.ttl"), io.BytesIO()
        here = lift_to(out, mapping, None, BASE, codes, graphs=graphs)
        spread = lift_on_spark(spark, mapping, tmp_path / "out", None, BASE, codes, graphs=graphs)
        lines = lines_in(tmp_path / "out")
        expected = out.getvalue().decode().split("\n")[:-1]
        assert unnamed(lines) == unnamed(sorted(set(expected)))
        assert len(lines) == len(set(lines)) == spread.statements
        assert not list(tmp_path.glob(".out*")), "what was made aside is gone"
        kinds = {(g.severity, g.code, g.column): (g.count, g.rows) for g in groups(here.findings)}
        assert {(g.severity, g.code, g.column): (g.count, g.rows) for g in groups(spread.findings)} == kinds
        return Kit(lines=lines, findings=spread.findings, parts=spread.parts, expected=expected)

    return run


def test_a_csv_file_gives_the_same_in_parts_quoted_line_breaks_and_all(same: Any, tmp_path: Path) -> None:
    rows = []
    for n in range(400):
        note = f'"line one,\r\n""line"" {n}\n\n"' if n % 3 == 0 else ""
        rows.append(f"s{n},Pâté “{n}”,farm {n % 7},{note}\r\n" + ("\r\n" if n % 50 == 0 else ""))
    rows.insert(100, 'long,"' + "a, line\n" * 1000 + '",farm 1,\r\n')  # longer than a part
    (tmp_path / "products.csv").write_bytes(("sku,name,farm,note\r\n" + "".join(rows)).encode())
    result = same(CATALOGUE)
    assert result.parts >= 5
    farms = [line for line in result.lines if "farms/" in line.split(" ")[0]]
    assert len(farms) == 7 * 2, "what many rows say of a farm is written once"


def test_unnamed_nodes_of_different_parts_are_different_nodes(same: Any, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,name,farm,note\n" + "".join(f"s{n},N,f,\n" for n in range(500)))
    nodes = {line.split(" ")[0] for line in same(CATALOGUE).lines if line.startswith("_:")}
    assert len(nodes) == 500


@pytest.mark.parametrize(
    ("encoding", "head", "row"),
    [
        ("cp1252", "sku;name;farm;note", "s{};Crème;Ferme des Prés;"),
        ("utf-8-sig", "sku\tname\tfarm\tnote", "s{}\tCrème\tFerme\t"),
        ("utf-8", '"sku","name","farm","note"', '"s{}","Crème, épaisse","Ferme ""x""",""'),
    ],
)
def test_delimiters_and_encodings_are_found_as_on_one_machine(
    same: Any, tmp_path: Path, encoding: str, head: str, row: str
) -> None:
    text = "\n".join([head, *(row.format(n) for n in range(400))])
    (tmp_path / "products.csv").write_bytes(text.encode(encoding))
    assert same(CATALOGUE, graphs=False).parts >= 2


@pytest.mark.parametrize("start", ["", "\ufeff", "a line above\n"])
def test_a_file_without_header_is_cut_and_its_columns_have_the_names_of_the_first_record(
    same: Any, tmp_path: Path, start: str
) -> None:
    (tmp_path / "products.csv").write_text(start + "".join(f'p{n};"a;b\n{n}"\n' for n in range(400)), "utf-8")
    skipped = " ; csvw:skipRows 1" if start.endswith("\n") else ""
    turtle = f"""@prefix csvw: <http://www.w3.org/ns/csvw#> .
    <#p> rml:logicalSource [ rml:referenceFormulation rml:CSV ; rml:source [ a csvw:Table ; csvw:url "products.csv" ;
        csvw:dialect [ csvw:header false ; csvw:delimiter ";"{skipped} ] ] ] ;
      rml:subjectMap [ rml:template "p/{{_col.1}}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:note ; rml:objectMap [ rml:reference "_col.2" ] ] ."""
    result = same(turtle, graphs=False)
    assert result.parts >= 2
    assert len(result.lines) == 400


def test_rows_that_cannot_be_read_are_told_with_their_rows_and_counted(same: Any, kit: Kit, tmp_path: Path) -> None:
    rows = [f"s{n},{'x' if n % 2 else n}" + (",too much" if n % 100 == 7 else "") for n in range(600)]
    (tmp_path / "products.csv").write_text("sku,price\n" + "\n".join(rows))
    turtle = f"""<#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ] ;
      {kit.pom("ex:price", kit.call("decimal", "price"))} ."""
    told = same(turtle).findings
    assert told.height <= 2 * 11
    assert told["count"].sum() == 6 + 294


def test_json_lines_keep_their_types_and_their_row_numbers(same: Any, kit: Kit, tmp_path: Path) -> None:
    items = [
        {"id": n, "v": n if n % 2 else n + 0.5, "t": ["x", n], "when": "soon" if n % 100 == 3 else "2026-01-02",
         "o": [{"k": "a\n"}, {"k": f"b{n}"}], "never": None}
        for n in range(300)
    ]  # fmt: skip
    text = [json.dumps(item, ensure_ascii=False) for item in items]
    text[150] = '{"id": 150, "v":'
    (tmp_path / "t.jsonl").write_text("\n".join(text))
    source = 'rml:logicalSource [ rml:source "t.jsonl" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "{}" ]'
    turtle = f"""
    <#i> {source.format("$")} ; rml:subjectMap [ rml:template "i/{{id}}" ] ;
      {kit.pom("ex:v", 'rml:reference "v"')} ; {kit.pom("ex:t", 'rml:reference "t[*]"')} ;
      {kit.pom("ex:never", 'rml:reference "never"')} ; {kit.pom("ex:on", kit.call("date", "when"))} .
    <#o> {source.format("$.o[*]")} ; rml:subjectMap [ rml:template "o/{{k}}" ; rml:class ex:O ] .
    <#node> {source.format("$.o[*]")} ; rml:subjectMap [ rml:termType rml:BlankNode ] ; {kit.pom("ex:k", 'rml:reference "k"')} .
    """
    result = same(turtle)
    assert result.parts >= 5
    assert f'<{BASE}i/1> <http://ex.org/v> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .' in result.lines
    assert len({line.split(" ")[0] for line in result.lines if line.startswith("_:")}) == 2 * 299


def test_a_join_on_two_conditions_looks_into_the_other_file(same: Any, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(
        "sku,farm,year\n" + "\n".join(f"s{n},{n % 4},{2020 + n % 3}" for n in range(400))
    )
    (tmp_path / "farms.csv").write_text("id,since\n" + "\n".join(f"{n},{2020 + n}" for n in range(3)))
    turtle = f"""
    <#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#f> ;
        rml:joinCondition [ rml:child "farm" ; rml:parent "id" ] , [ rml:child "year" ; rml:parent "since" ] ] ] .
    <#f> {CSV.format('"farms.csv"')} ; rml:subjectMap [ rml:template "f/{{id}}" ; rml:class ex:Farm ] .
    """
    lines = same(turtle).lines
    assert len([line for line in lines if "ex.org/by" in line]) == sum(n % 4 == n % 3 for n in range(400))


def test_a_join_into_the_larger_file_takes_its_parts_through_the_smaller_one(
    same: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "farms.csv").write_text("id,since\n" + "\n".join(f"{n},{2020 + n % 3}" for n in range(40)))
    (tmp_path / "products.csv").write_text(
        "sku,farm,year\n" + "\n".join(f"s{n},{n % 60},{2020 + n % 3}" for n in range(1200))
    )
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 8_000)
    turtle = f"""
    <#f> {CSV.format('"farms.csv"')} ; rml:subjectMap [ rml:template "f/{{id}}" ; rml:class ex:Farm ] ;
      rml:predicateObjectMap [ rml:predicate ex:since ; rml:objectMap [ rml:reference "since" ] ] ;
      rml:predicateObjectMap [ rml:predicate ex:sells ; rml:objectMap [ rml:parentTriplesMap <#p> ;
        rml:joinCondition [ rml:child "id" ; rml:parent "farm" ] , [ rml:child "since" ; rml:parent "year" ] ] ] ;
      rml:predicateObjectMap [ rml:predicate ex:sorts ; rml:objectMap [ rml:parentTriplesMap <#sort> ;
        rml:joinCondition [ rml:child "id" ; rml:parent "farm" ] ] ] .
    <#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ; rml:class ex:Product ] .
    <#sort> {PRODUCTS} ; rml:subjectMap [ rml:template "sorts/{{year}}" ] .
    """
    result = same(turtle)
    sold = [line for line in result.lines if "ex.org/sells" in line]
    assert len(sold) == len([n for n in range(1200) if n % 60 < 40 and n % 60 % 3 == n % 3])
    assert result.parts >= 1 + 2 * 3, "the farms, and each part of the products twice"
    sorts = [line for line in result.lines if "ex.org/sorts" in line]
    assert len(sorts) == len(set(sorts)), "what parts of the larger file say alike is there once"


LARGE_JOIN = f"""
<#f> {CSV.format('"farms.csv"')} ; rml:subjectMap [ rml:template "f/{{id}}" ; rml:class ex:Farm ; rml:graph ex:farms ] ;
  rml:predicateObjectMap [ rml:predicate ex:sells ; rml:objectMap [ rml:parentTriplesMap <#p> ;
    rml:joinCondition [ rml:child "id" ; rml:parent "farm" ] , [ rml:child "since" ; rml:parent "year" ] ] ] ;
  rml:predicateObjectMap [ rml:predicateMap [ rml:template "http://ex.org/in-{{since}}" ] ;
    rml:objectMap [ rml:parentTriplesMap <#sort> ; rml:joinCondition [ rml:child "id" ; rml:parent "farm" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:shows ; rml:objectMap [ rml:parentTriplesMap <#page> ;
    rml:joinCondition [ rml:child "id" ; rml:parent "farm" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:has ; rml:objectMap [ rml:parentTriplesMap <#node> ;
    rml:joinCondition [ rml:child "name" ; rml:parent "name" ] ] ] .
<#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ; rml:class ex:Product ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:parentTriplesMap <#f> ;
    rml:joinCondition [ rml:child "farm" ; rml:parent "id" ] ] ] .
<#sort> {PRODUCTS} ; rml:subjectMap [ rml:template "sorts/{{year}}" ] .
<#page> {PRODUCTS} ; rml:subjectMap [ rml:reference "page" ] .
<#node> {PRODUCTS} ; rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] .
"""


@pytest.mark.parametrize("graphs", [True, False])
def test_two_large_files_are_joined_by_a_shuffle_and_neither_is_held(
    same: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graphs: bool
) -> None:
    names = ['"a ""quoted"" tab\t\nline"', "été", '"1:a"', "", "11:a", "back\\slash \u2028 \U0001f33b"]
    farms = (f"{n},{2020 + n % 3},{names[n % 6]}\n" for n in range(300))
    (tmp_path / "farms.csv").write_text("id,since,name\n" + "".join(farms), "utf-8")
    products = (
        f"s{n},{n % 400},{2020 + n % 3},{names[n % 6]},{'not an iri' if n % 50 == 7 else f'http://ex.org/{n}'}\n"
        for n in range(600)
    )
    (tmp_path / "products.csv").write_text("sku,farm,year,name,page\n" + "".join(products), "utf-8")
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 5_000)
    result = same(LARGE_JOIN, graphs=graphs)
    sold = [line for line in result.lines if "ex.org/sells" in line]
    assert len(sold) == len([n for n in range(600) if n % 400 < 300 and n % 400 % 3 == n % 3])
    assert sum("ex.org/of" in line for line in result.lines) == len([n for n in range(600) if n % 400 < 300])
    assert result.parts >= 6
    assert result.findings.filter(pl.col("code") == "iri-invalid")["count"].sum() == 12
    held = [n for n in range(600) if n % 6 != 3]
    assert sum("ex.org/has" in line for line in result.lines) == sum(
        1 for f in range(300) for n in held if f % 6 == n % 6
    )


def test_a_large_file_that_looks_itself_up_is_cut_all_the_same(
    same: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 1000)
    (tmp_path / "products.csv").write_text("sku,part_of\n" + "\n".join(f"s{n},s{n // 2}" for n in range(1, 900)))
    result = same(WHOLE_AND_PARTS)
    assert result.parts >= 2
    assert len(result.lines) == 899 - 1


def test_large_json_lines_with_lists_are_joined_value_by_value(
    same: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 1000)
    items = [{"id": n, "tags": [f"t{n % 5}", f"t{n % 7}"], "lang": "fr" if n % 2 else None} for n in range(300)]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    (tmp_path / "tags.jsonl").write_text("".join(f'{{"tag": "t{n}", "no": {n}}}\n' for n in range(100)))
    source = 'rml:logicalSource [ rml:source "{}.jsonl" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$" ]'
    turtle = f"""
    <#i> {source.format("items")} ; rml:subjectMap [ rml:template "i/{{id}}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:tagged ; rml:objectMap [ rml:parentTriplesMap <#t> ;
        rml:joinCondition [ rml:child "tags[*]" ; rml:parent "tag" ] ] ] .
    <#t> {source.format("tags")} ; rml:subjectMap [ rml:template "t/{{no}}" ; rml:class ex:Tag ] .
    """
    lines = same(turtle).lines
    assert sum("ex.org/tagged" in line for line in lines) == sum(len(set(item["tags"])) for item in items)


def test_a_join_into_a_large_file_by_computed_values_is_refused(
    spark: Any, kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "farms.csv").write_text("id\n" + "\n".join(f"{n}" for n in range(20)))
    (tmp_path / "products.csv").write_text("sku,farm\n" + "\n".join(f"s{n},{n % 60}" for n in range(1200)))
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 5_000)
    turtle = f"""
    <#f> {CSV.format('"farms.csv"')} ; rml:subjectMap [ rml:template "f/{{id}}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:sells ; rml:objectMap [ rml:parentTriplesMap <#p> ;
        rml:joinCondition [ rml:childMap [ {kit.call("trim", "id")} ] ; rml:parent "farm" ] ] ] .
    <#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ; rml:class ex:Product ] ."""
    error = refused(spark, kit, tmp_path, turtle)
    assert error.code == "join-computed"
    assert error.fix is not None


WHOLE_AND_PARTS = f"""<#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:in ; rml:objectMap [ rml:parentTriplesMap <#p> ;
    rml:joinCondition [ rml:child "part_of" ; rml:parent "sku" ] ] ] ."""


def test_a_file_that_looks_itself_up_is_read_by_one_task(same: Any, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,part_of\n" + "\n".join(f"s{n},s{n // 2}" for n in range(1, 300)))
    assert same(WHOLE_AND_PARTS).parts == 1


def test_code_tables_go_along_to_the_tasks(same: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(
        "sku,unit\n" + "\n".join(f"s{n},{'kg' if n % 5 else 'st'}" for n in range(300))
    )
    turtle = f"""<#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ] ;
      {kit.pom("ex:unit", kit.call("lookup", "unit", scheme="http://s/", property="http://n/") + "; rml:termType rml:IRI")} ."""

    def codes(scheme: str, notation: str) -> pl.DataFrame:
        assert (scheme, notation) == ("http://s/", "http://n/")
        return pl.DataFrame({"code": ["kg"], "iri": ["http://u/KG"]})

    result = same(turtle, codes=codes)
    assert sum("<http://u/KG>" in line for line in result.lines) == 240
    assert result.findings["count"].sum() == 60


def test_parquet_is_cut_by_rows_and_keeps_its_types(same: Any, kit: Kit, tmp_path: Path) -> None:
    count = 2000
    frame = pl.DataFrame(
        {"id": range(count), "price": [n / 4 for n in range(count)], "farm": [f"f{n % 5}" for n in range(count)]}
    )
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=300)
    source = 'rml:logicalSource [ rml:source "t.parquet" ; rml:referenceFormulation rml:CSV ]'
    turtle = f"""<#p> {source} ; rml:subjectMap [ rml:template "p/{{id}}" ] ; {kit.pom("ex:price", 'rml:reference "price"')} .
      <#f> {source} ; rml:subjectMap [ rml:template "f/{{farm}}" ; rml:class ex:Farm ] ."""
    result = same(turtle)
    assert result.parts > 2
    assert len(result.lines) == count + 5


def test_other_kinds_of_files_are_read_whole(same: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"items": [{"id": n} for n in range(200)]}))
    pl.DataFrame({"id": [1, 2, 3]}).write_parquet(tmp_path / "t.parquet")  # too few rows to be cut
    (tmp_path / "t.xml").write_text("<a>" + "<b id='1'/>" * 3 + "</a>")
    maps = [
        ("json", "rml:JSONPath", "$.items[*]", "id"),
        ("xml", "rml:XPath", "/a/b", "@id"),
        ("parquet", "rml:CSV", None, "id"),
    ]
    turtle = "".join(
        f"""<#{kind}> rml:logicalSource [ rml:source "t.{kind}" ; rml:referenceFormulation {name}
          {f'; rml:iterator "{iterator}"' if iterator else ""} ] ;
        rml:subjectMap [ rml:template "{kind}/{{{reference}}}" ; rml:class ex:{kind} ] .\n"""
        for kind, name, iterator, reference in maps
    )
    assert same(turtle).parts == 3


# What can't be done is said


def refused(spark: Any, kit: Kit, folder: Path, turtle: str, where: Path | None = None) -> DatahubError:
    (folder / "m.ttl").write_text(kit.PREFIXES + turtle)
    with pytest.raises(DatahubError) as caught:
        lift_on_spark(spark, parse(folder / "m.ttl"), folder / "out", where, BASE)
    assert not [path for path in folder.iterdir() if "out" in path.name], "nothing half-written stays"
    assert caught.value.message.fr
    return caught.value


def test_quotes_in_the_middle_of_values_are_refused_with_their_row(spark: Any, kit: Kit, tmp_path: Path) -> None:
    rows = [f"s{n},name,f," for n in range(300)]
    rows[200] = 's200,5" pipe,f,"two\nlines"'
    (tmp_path / "products.csv").write_text("sku,name,farm,note\n" + "\n".join(rows))
    error = refused(spark, kit, tmp_path, CATALOGUE)
    assert (error.code, error.place.row) == ("spark-quotes", 202)


def test_an_error_in_a_task_is_told_as_on_one_machine(spark: Any, kit: Kit, tmp_path: Path) -> None:
    rows = [f"s{n},{n},f," for n in range(300)]
    rows[200] = "s200,\0,f,"
    (tmp_path / "products.csv").write_text("sku,name,farm,note\n" + "\n".join(rows))
    error = refused(spark, kit, tmp_path, CATALOGUE)
    assert (error.code, error.place.row) == ("nul", 202)


def test_a_column_that_is_missing_is_told_before_any_task_runs(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,name,farm,notes\n" + "s,n,f,x\n" * 300)
    assert refused(spark, kit, tmp_path, CATALOGUE).code == "column-missing"


def test_a_name_that_no_line_has_is_told_after_all_have_been_read(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("".join(f'{{"id": {n}}}\n' for n in range(300)))
    turtle = f"""<#i> rml:logicalSource [ rml:source "t.jsonl" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$" ] ;
      rml:subjectMap [ rml:template "i/{{id}}" ] ; {kit.pom("ex:v", 'rml:reference "weight"')} ."""
    error = refused(spark, kit, tmp_path, turtle)
    assert (error.code, error.place.column) == ("column-missing", "weight")


def test_a_large_file_that_cannot_be_cut_is_refused(
    spark: Any, kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveyed, "WHOLE_BYTES", 1000)
    (tmp_path / "products.csv").write_bytes(("sku,name,farm,note\n" + "s,n,f,x\n" * 300).encode("utf-16"))
    assert refused(spark, kit, tmp_path, CATALOGUE).code == "spark-not-cuttable"


def test_a_folder_that_is_there_is_left_as_it_is(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "m.ttl").write_text(kit.PREFIXES + CATALOGUE)
    with pytest.raises(DatahubError) as caught:
        lift_on_spark(spark, parse(tmp_path / "m.ttl"), tmp_path / "there", None, BASE)
    assert caught.value.code == "out-exists"
    assert not list((tmp_path / "there").iterdir())


def test_strict_writes_nothing_where_a_value_cannot_be_read(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,price\n" + "s,1\n" * 400 + "s,much\n")
    turtle = f"""<#p> {PRODUCTS} ; rml:subjectMap [ rml:template "p/{{sku}}" ] ;
      {kit.pom("ex:price", kit.call("decimal", "price"))} ."""
    (tmp_path / "m.ttl").write_text(kit.PREFIXES + turtle)
    with pytest.raises(DatahubError) as caught:
        lift_on_spark(spark, parse(tmp_path / "m.ttl"), tmp_path / "out", None, BASE, strict=True)
    assert caught.value.place.row == 402
    assert not (tmp_path / "out").exists()


def test_a_store_that_spark_does_not_know_is_told(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "m.ttl").write_text(kit.PREFIXES + CATALOGUE)
    with pytest.raises(DatahubError) as caught:
        lift_on_spark(spark, parse(tmp_path / "m.ttl"), Path("s3://bucket/out"), None, BASE)
    assert caught.value.code == "store-unknown"


def test_sources_are_read_from_a_store_by_its_address(spark: Any, kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,name,farm,note\n" + "".join(f"s{n},N,f,\n" for n in range(200)))
    (tmp_path / "m.ttl").write_text(kit.PREFIXES + CATALOGUE)
    mapping = parse(tmp_path / "m.ttl")
    here = lift_on_spark(spark, mapping, tmp_path / "here", None, BASE)
    there = lift_on_spark(spark, mapping, f"file://{tmp_path}/there", f"file://{tmp_path}", BASE)
    assert sorted(lines_in(tmp_path / "here")) == sorted(lines_in(tmp_path / "there"))
    assert there.statements == here.statements
