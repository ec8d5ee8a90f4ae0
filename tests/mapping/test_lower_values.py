"""Lowering: which of several values goes into which column, with its language and its datatype."""

from pathlib import Path
from types import SimpleNamespace as Kit

import polars as pl

from datahub.mapping import columns, lift, lower, parse, plan


def test_a_split_list_is_joined_again(kit: Kit) -> None:
    tags = kit.call("split", "tags", separator="|")
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:tag", tags), cls="ex:P")
    table = {"id": ["1", "2"], "tags": ["a|b", None]}
    result = kit.lowered(turtle, kit.lifted(turtle, **table).frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert result.loss.lost == 0


def test_two_languages_have_their_own_columns(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t",
        "p/{id}",
        kit.pom("ex:name", 'rml:reference "nom" ; rml:language "fr"'),
        kit.pom("ex:name", 'rml:reference "name" ; rml:language "en"'),
        cls="ex:P",
    )
    frame = kit.graph('<p/1> a ex:P ; ex:name "Apple"@en . <p/2> a ex:P ; ex:name "Pomme"@fr, "Apfel"@de .')
    result = kit.lowered(turtle, frame)
    assert result.tables["t.csv"].select("nom", "name").rows() == [(None, "Apple"), ("Pomme", "Apfel")]
    assert result.loss.table.select("reason", "count").rows() == [("language", 1)]


def test_two_columns_of_one_property_take_a_value_each(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t", "p/{id}", kit.pom("ex:tel", 'rml:reference "tel1"'), kit.pom("ex:tel", 'rml:reference "tel2"'), cls="ex:P"
    )
    result = kit.lowered(turtle, kit.graph('<p/1> a ex:P ; ex:tel "1", "2", "3" .'))
    assert result.tables["t.csv"].select("tel1", "tel2").rows() == [("1", "2")]
    assert result.loss.table.select("reason", "count").rows() == [("several-values", 1)]


def test_two_properties_of_one_column_that_disagree_lose_one(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t", "p/{id}", kit.pom("ex:sku", 'rml:reference "ref"'), kit.pom("ex:code", 'rml:reference "ref"'), cls="ex:P"
    )
    result = kit.lowered(turtle, kit.graph('<p/1> a ex:P ; ex:sku "a" ; ex:code "b" .'))
    assert result.tables["t.csv"]["ref"].to_list() == ["a"]
    assert result.loss.table.select("field", "reason").rows() == [("http://ex.org/code", "several-values")]


def test_columns_that_say_the_language_or_the_datatype_are_read_back(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t",
        "p/{id}",
        kit.pom("ex:name", 'rml:reference "name" ; rml:languageMap [ rml:reference "lang" ]'),
        kit.pom("ex:size", 'rml:reference "size" ; rml:datatypeMap [ rml:template "http://ex.org/type/{kind}" ]'),
        kit.pom("ex:label", 'rml:reference "label" ; rml:language "fr"'),
        kit.pom("ex:label", 'rml:reference "other" ; rml:languageMap [ rml:reference "tag" ]'),
        cls="ex:P",
    )
    table = {
        "id": ["1", "2", "3"],
        "name": ["Pomme", "Apple", None],
        "lang": ["fr", "en", None],
        "size": ["3", None, "x"],
        "kind": ["kg", None, "a b"],
        "label": ["a", None, "b"],
        "other": ["c", "d", None],
        "tag": ["oc", "en", None],
    }
    frame = kit.lifted(turtle, **table).frame
    result = kit.lowered(turtle, frame)
    assert result.tables["t.csv"].select(list(table)).to_dict(as_series=False) == table
    assert result.loss.lost == 0
    listed = columns(parse(kit.PREFIXES + turtle))
    assert listed.filter(pl.col("column").is_in(["lang", "kind", "tag"]))["invertible"].to_list() == [True] * 3
    plain = kit.lowered(turtle, kit.graph('<p/1> a ex:P ; ex:name "no language" .'))
    assert plain.loss.table["field"].to_list() == ["http://ex.org/name"], "a value without a language has no place"


def test_numbers_of_json_keep_their_datatype_both_ways(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(
        '[{"id": "1", "n": 3, "tags": ["a", "b"]}, {"id": "2", "n": 4, "ok": true}]', "utf-8"
    )
    turtle = kit.PREFIXES + (
        '<#json> rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]" .'
        + kit.triples_map(
            "t",
            "p/{id}",
            kit.pom("ex:n", 'rml:reference "n"'),
            kit.pom("ex:ok", 'rml:reference "ok"'),
            kit.pom("ex:tag", 'rml:reference "tags[*]"'),
            source="json",
            cls="ex:P",
        )
    )
    frame = lift(parse(turtle), tmp_path, kit.BASE).frame
    assert '<p/1> <ex:n> "3"^^<http://www.w3.org/2001/XMLSchema#integer>' in kit.lines(frame)
    result = lower(parse(turtle), frame, kit.BASE)
    assert result.tables["t.json"].rows() == [("1", "3", None, ["a", "b"]), ("2", "4", "true", None)]
    assert {name: iri.split("#")[1] for name, iri in result.types["t.json"].items()} == {
        "n": "integer",
        "ok": "boolean",
    }
    assert result.loss.lost == 0


def test_integers_and_doubles_of_one_member_keep_their_datatypes(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(
        '[{"id": "1", "n": [3, 0.5]}, {"id": "2", "m": 4}, {"id": "3", "m": 1e3}]', "utf-8"
    )
    turtle = kit.PREFIXES + (
        '<#json> rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]" .'
        + kit.triples_map(
            "t",
            "p/{id}",
            kit.pom("ex:n", 'rml:reference "n[*]"'),
            kit.pom("ex:m", 'rml:reference "m"'),
            source="json",
            cls="ex:P",
        )
    )
    frame = lift(parse(turtle), tmp_path, kit.BASE).frame
    assert lower(parse(turtle), frame, kit.BASE).loss.lost == 0


def test_what_is_only_written_fills_a_column_that_nothing_else_fills_and_is_no_real_loss(kit: Kit) -> None:
    also = 'rml:predicateObjectMap [ dh:writtenOnly true ; rml:predicate ex:title ; rml:objectMap [ rml:reference "name" ] ]'
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), also, cls="ex:P")
    lifted = kit.lifted(turtle, id=["1"], name=["x"]).frame
    assert not any("ex:title" in line for line in kit.lines(lifted))
    result = kit.lowered(
        turtle,
        kit.graph(
            '<p/1> a ex:P ; ex:title "t" . <p/2> a ex:P ; ex:name "n" ; ex:title "t" . <p/3> a ex:P ; ex:name "n" .'
        ),
    )
    assert result.tables["t.csv"].rows() == [("1", "t"), ("2", "n"), ("3", "n")]
    assert result.loss.table.select("reason", "count").rows() == [("equivalent", 1), ("several-values", 1)]
    assert (result.loss.lost, result.loss.restated) == (2, 1)
    assert result.loss.added.select("field", "example_value").rows() == [("http://ex.org/name", "t")]
    assert "(only written)" in str(plan(parse(kit.PREFIXES + turtle)))
