"""Lowering: RDF back into native tables, and what they could not hold."""

from pathlib import Path
from types import SimpleNamespace as Kit

import polars as pl
import pyoxigraph as ox

from datahub.mapping import columns, lift, lower, parse
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import BLANK, IRI, LITERAL, Term


def graph(turtle: str) -> Frame:
    """A frame of the Turtle ``turtle``, with the prefix ex: and the base http://hub/d/."""
    builder = FrameBuilder()
    for quad in ox.parse(
        f"@prefix ex: <http://ex.org/> . {turtle}".encode(), format=ox.RdfFormat.TURTLE, base_iri="http://hub/d/"
    ):
        kind = BLANK if isinstance(quad.subject, ox.BlankNode) else IRI
        value = quad.object
        builder.add(
            Column(kind, pl.Series([quad.subject.value])),
            Term.iri(quad.predicate.value),
            Term.literal(value.value, value.datatype.value, value.language)
            if isinstance(value, ox.Literal)
            else Term(BLANK if isinstance(value, ox.BlankNode) else IRI, value.value),
        )
    assert LITERAL == 2
    return builder.build()


def shop(kit: Kit) -> str:
    """A mapping with a product, its price node, its producer, a language, a code list and a derived value."""
    return (
        kit.triples_map(
            "product",
            "p/{sku}",
            kit.pom("ex:sku", 'rml:reference "sku"'),
            kit.pom("ex:name", 'rml:reference "name" ; rml:language "fr"'),
            kit.pom("ex:NAME", kit.call("upper", "name")),
            kit.pom("ex:unit", kit.call("recode", "unit", pairs="kg=KG|l=L")),
            kit.pom("ex:price", "rml:parentTriplesMap <#price>"),
            kit.pom("ex:by", "rml:parentTriplesMap <#farm>"),
            cls="ex:Product",
            extra="dh:recordMap true ;",
        )
        + kit.triples_map(
            "price",
            "p/{sku}#price",
            kit.pom("ex:value", kit.call("decimalComma", "price")),
            kit.pom("ex:of", "rml:parentTriplesMap <#product>"),
            cls="ex:Price",
        )
        + kit.triples_map(
            "farm",
            "f/{farm}",
            kit.pom("ex:name", 'rml:reference "farm"'),
            kit.pom("ex:makes", "rml:parentTriplesMap <#product>"),
            cls="ex:Farm",
        )
    )


def test_a_lifted_table_comes_back_without_loss(kit: Kit) -> None:
    table = {
        "sku": ["1", "b/2"],
        "name": ["Pomme", None],
        "unit": ["kg", None],
        "price": ["4,20", "5"],
        "farm": ["A", "A"],
    }
    frame = kit.lifted(shop(kit), **table).frame
    result = kit.lowered(shop(kit), frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert (result.loss.lost, result.loss.expressed) == (0, len(frame))
    assert result.loss.table.height == 0


def test_nodes_are_found_by_their_place_whatever_their_iris(kit: Kit) -> None:
    frame = graph(
        """<http://other/x> a ex:Product ; ex:sku "9" ; ex:name "Lait"@fr ; ex:NAME "LAIT" ; ex:price _:p ; ex:by <http://other/f> .
        _:p a ex:Price ; ex:value "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> ; ex:of <http://other/x> .
        <http://other/f> a ex:Farm ; ex:name "Ferme" ; ex:makes <http://other/x> ."""
    )
    result = kit.lowered(shop(kit), frame)
    [row] = result.tables["t.csv"].to_dicts()
    assert (row["sku"], row["name"], row["price"], row["farm"]) == ("9", "Lait", "1,5", "Ferme")
    # Their own addresses can't be kept: everything that is said of them, and the link of the nameless price, comes back elsewhere.
    assert result.loss.table.select("field", "reason", "count").rows() == [
        ("@id", "identifier", 6),
        ("http://ex.org/by/@id", "identifier", 3),
        ("http://ex.org/price/http://ex.org/of/@id", "identifier", 1),
    ]
    assert (result.loss.lost, result.loss.restated) == (10, 10)
    assert result.records["t.csv"].to_list() == ["http://other/x"]


def losses(kit: Kit, extra: str) -> list[tuple[str, str, int]]:
    """The losses of a small product, as field, reason and count."""
    base = '<p/1> a ex:Product ; ex:sku "1" ; ex:price <p/1#price> . <p/1#price> a ex:Price ; ex:of <p/1> .'
    frame = graph(base + extra)
    loss = kit.lowered(shop(kit), frame).loss
    assert loss.total == len(frame)
    assert loss.table["count"].sum() == loss.lost
    assert set(loss.table["message_en"].is_null()) <= {False}
    found = loss.table.select("field", "reason", "count").rows()
    return sorted((field.replace("http://ex.org/", ""), reason, count) for field, reason, count in found)


def test_a_property_without_column_is_lost(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:colour "red", "green" .') == [("colour", "no-column", 2)]


def test_a_value_outside_the_code_list_is_lost(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:unit "GALLON" .') == [("unit", "not-in-code-list", 1)]


def test_another_language_is_lost_but_written_where_nothing_better_is_there(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:name "Apple"@en, "Pomme"@fr ; ex:NAME "POMME" .') == [("name", "language", 1)]
    frame = graph('<p/1> a ex:Product ; ex:sku "1" ; ex:name "Apple"@en .')
    result = kit.lowered(shop(kit), frame)
    assert result.tables["t.csv"]["name"].to_list() == ["Apple"]
    assert result.loss.table["reason"].to_list() == ["language"]


def test_a_second_value_is_lost(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:name "a"@fr, "b"@fr .') == [("name", "several-values", 1)]
    second = (
        '<p/1> ex:price <p/1#two> . <p/1#two> a ex:Price ; ex:value "2"^^<http://www.w3.org/2001/XMLSchema#decimal> .'
    )
    assert losses(kit, second) == [
        ("price", "several-values", 1),
        ("price/rdf:type", "several-values", 1),
        ("price/value", "several-values", 1),
    ]


def test_a_value_that_would_come_back_with_another_datatype_is_lost_as_precision(kit: Kit) -> None:
    assert losses(kit, '<p/1#price> ex:value "2" .') == [("price/value", "precision", 1)]


def test_a_value_that_can_not_be_written_is_lost_as_unreadable(kit: Kit) -> None:
    assert losses(kit, '<p/1#price> ex:value "about two" .') == [("price/value", "unreadable", 1)]


def test_a_derived_value_that_agrees_is_no_loss_and_one_that_does_not_is(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:name "a"@fr ; ex:NAME "A" .') == []
    assert losses(kit, '<p/1> ex:name "a"@fr ; ex:NAME "B" .') == [("NAME", "no-column", 1)]


def test_a_node_that_the_format_holds_only_with_another_value_is_lost_as_incomplete(kit: Kit) -> None:
    amount, unit = kit.pom("ex:amount", 'rml:reference "amount"'), kit.pom("ex:unit", 'rml:reference "unit"')
    turtle = kit.triples_map("p", "p/{id}", kit.pom("ex:q", "rml:parentTriplesMap <#q>"), cls="ex:P") + (
        f'<#q> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{{id}}#q" ; '
        f"rml:condition [ {kit.call('notEmpty', 'amount')} ] ] ; {amount} ; "
        f"{unit} ."
    )
    loss = kit.lowered(turtle, graph('<p/1> a ex:P ; ex:q <p/1#q> . <p/1#q> ex:unit "kg" .')).loss
    assert set(loss.table["reason"]) == {"incomplete"}
    assert loss.lost == 2


def test_records_of_another_kind_are_lost_and_named_by_their_class(kit: Kit) -> None:
    frame = graph('<p/1> a ex:Product ; ex:sku "1" . <c> a ex:Catalogue ; ex:title "x" .')
    loss = kit.lowered(shop(kit), frame).loss
    assert set(loss.table.select("class", "reason").rows()) == {
        ("http://ex.org/Catalogue", "record-kind-not-supported")
    }
    assert loss.lost == 2


def test_nodes_below_an_unmapped_property_are_lost_with_their_whole_path(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:box <p/1#box> . <p/1#box> ex:weight "2" .') == [
        ("box", "no-column", 1),
        ("box/weight", "no-column", 1),
    ]


def test_the_iri_of_a_record_is_read_back_into_the_columns_of_its_template(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{year}-{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    frame = kit.lifted(turtle, year=["2026"], id=["a b"], name=["x"]).frame
    assert kit.lowered(turtle, frame).tables["t.csv"].to_dicts() == [{"year": "2026", "id": "a b", "name": "x"}]
    elsewhere = kit.lowered(turtle, frame, base="http://elsewhere/")
    assert elsewhere.tables["t.csv"].to_dicts() == [{"year": None, "id": None, "name": "x"}]
    assert set(elsewhere.loss.table["reason"]) == {"incomplete"}, "a row without its identifier can't be read again"
    assert elsewhere.loss.lost == len(frame)


def test_children_named_by_more_columns_than_the_record_become_rows(kit: Kit) -> None:
    turtle = (
        kit.triples_map(
            "p",
            "p/{ref}",
            kit.pom("ex:ref", 'rml:reference "ref"'),
            kit.pom("ex:offer", "rml:parentTriplesMap <#o>"),
            cls="ex:P",
        )
        + kit.triples_map(
            "o",
            "p/{ref}#offer-{oref}",
            kit.pom("ex:oref", 'rml:reference "oref"'),
            kit.pom("ex:price", "rml:parentTriplesMap <#price>"),
            cls="ex:O",
        )
        + kit.triples_map("price", "p/{ref}#price-{oref}", kit.pom("ex:value", 'rml:reference "price"'))
    )
    table = {"ref": ["1", "1", "2"], "oref": ["a", "b", "a"], "price": ["3", "4", None]}
    frame = kit.lifted(turtle, **table).frame
    result = kit.lowered(turtle, frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert result.records["t.csv"].to_list() == ["http://hub/d/p/1", "http://hub/d/p/1", "http://hub/d/p/2"]
    assert result.loss.lost == 0


def test_a_join_is_written_as_the_key_of_the_other_table(kit: Kit) -> None:
    turtle = (
        kit.PREFIXES
        + '<#b> rml:source "b.csv" ; rml:referenceFormulation rml:CSV .'
        + kit.triples_map(
            "t",
            "p/{id}",
            kit.pom("ex:by", "rml:parentTriplesMap <#f> ; rml:joinCondition [ rml:child 'farm' ; rml:parent 'code' ]"),
            cls="ex:P",
        )
        + kit.triples_map("f", "f/{code}", kit.pom("ex:code", 'rml:reference "code"'), source="b", cls="ex:F")
    )
    tables = {"t.csv": kit.table(id=["1", "2"], farm=["a", None]), "b.csv": kit.table(code=["a", "b"])}
    frame = lift(parse(turtle), tables, kit.BASE).frame
    result = lower(parse(turtle), frame, kit.BASE)
    assert result.tables["t.csv"].to_dict(as_series=False) == {"id": ["1", "2"], "farm": ["a", None]}
    assert result.tables["b.csv"].to_dict(as_series=False) == {"code": ["a", "b"]}
    assert result.loss.lost == 0


def test_a_split_list_is_joined_again(kit: Kit) -> None:
    tags = kit.call("split", "tags", separator="|")
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:tag", tags), cls="ex:P")
    table = {"id": ["1", "2"], "tags": ["a|b", None]}
    result = kit.lowered(turtle, kit.lifted(turtle, **table).frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert result.loss.lost == 0


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


def test_two_languages_have_their_own_columns(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t",
        "p/{id}",
        kit.pom("ex:name", 'rml:reference "nom" ; rml:language "fr"'),
        kit.pom("ex:name", 'rml:reference "name" ; rml:language "en"'),
        cls="ex:P",
    )
    frame = graph('<p/1> a ex:P ; ex:name "Apple"@en . <p/2> a ex:P ; ex:name "Pomme"@fr, "Apfel"@de .')
    result = kit.lowered(turtle, frame)
    assert result.tables["t.csv"].select("nom", "name").rows() == [(None, "Apple"), ("Pomme", "Apfel")]
    assert result.loss.table.select("reason", "count").rows() == [("language", 1)]


def test_two_columns_of_one_property_take_a_value_each(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t", "p/{id}", kit.pom("ex:tel", 'rml:reference "tel1"'), kit.pom("ex:tel", 'rml:reference "tel2"'), cls="ex:P"
    )
    result = kit.lowered(turtle, graph('<p/1> a ex:P ; ex:tel "1", "2", "3" .'))
    assert result.tables["t.csv"].select("tel1", "tel2").rows() == [("1", "2")]
    assert result.loss.table.select("reason", "count").rows() == [("several-values", 1)]


def test_two_properties_of_one_column_that_disagree_lose_one(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t", "p/{id}", kit.pom("ex:sku", 'rml:reference "ref"'), kit.pom("ex:code", 'rml:reference "ref"'), cls="ex:P"
    )
    result = kit.lowered(turtle, graph('<p/1> a ex:P ; ex:sku "a" ; ex:code "b" .'))
    assert result.tables["t.csv"]["ref"].to_list() == ["a"]
    assert result.loss.table.select("field", "reason").rows() == [("http://ex.org/code", "several-values")]


def test_two_nodes_of_one_class_and_property_are_told_by_the_end_of_their_iri(kit: Kit) -> None:
    turtle = (
        kit.triples_map(
            "t",
            "p/{id}",
            kit.pom("ex:offer", "rml:parentTriplesMap <#adult>"),
            kit.pom("ex:offer", "rml:parentTriplesMap <#child>"),
            cls="ex:P",
        )
        + kit.triples_map("adult", "p/{id}#adult", kit.pom("ex:price", 'rml:reference "adult"'), cls="ex:O")
        + kit.triples_map("child", "p/{id}#child", kit.pom("ex:price", 'rml:reference "child"'), cls="ex:O")
    )
    table = {"id": ["1"], "adult": ["10"], "child": ["5"]}
    result = kit.lowered(turtle, kit.lifted(turtle, **table).frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert result.loss.lost == 0


def test_a_node_that_only_points_at_the_record_is_found_backwards(kit: Kit) -> None:
    turtle = kit.triples_map("p", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P") + kit.triples_map(
        "o",
        "p/{id}#o",
        kit.pom("ex:price", 'rml:reference "price"'),
        kit.pom("ex:of", "rml:parentTriplesMap <#p>"),
        cls="ex:O",
    )
    marked = turtle.replace("<#p>  rml:logical", "<#p> dh:recordMap true ; rml:logical")
    table = {"id": ["1"], "name": ["x"], "price": ["3"]}
    result = kit.lowered(marked, kit.lifted(marked, **table).frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert result.loss.lost == 0


def test_declared_headers_order_the_columns_and_unknown_ones_are_empty(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    frame = kit.lifted(turtle, id=["1"], name=["x"]).frame
    table = lower(parse(kit.PREFIXES + turtle), frame, kit.BASE, headers={"t.csv": ["note", "name", "id"]}).tables[
        "t.csv"
    ]
    assert table.rows() == [(None, "x", "1")]
    assert table.columns == ["note", "name", "id"]


def test_what_was_read_for_a_column_that_is_not_written_is_lost(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    frame = kit.lifted(turtle, id=["1"], name=["x"]).frame
    loss = lower(parse(kit.PREFIXES + turtle), frame, kit.BASE, headers={"t.csv": ["id"]}).loss
    assert loss.lost == 1


def test_an_empty_frame_gives_empty_tables_and_no_loss(kit: Kit) -> None:
    result = kit.lowered(shop(kit), graph(""))
    assert result.tables["t.csv"].height == 0
    assert (result.loss.total, result.loss.lost) == (0, 0)


def test_the_columns_of_a_mapping_say_where_they_go_and_whether_they_come_back(kit: Kit) -> None:
    found = columns(parse(kit.PREFIXES + shop(kit)))
    price = found.filter(pl.col("column") == "price").row(0, named=True)
    assert price["path"] == ["http://ex.org/price", "http://ex.org/value"]
    assert (price["class"], price["node_class"], price["suffix"]) == (
        "http://ex.org/Product", "http://ex.org/Price", "#price",
    )  # fmt: skip
    assert price["invertible"]
    derived = found.filter(pl.col("predicate") == "http://ex.org/NAME").row(0, named=True)
    assert (derived["invertible"], derived["reason"]) == (False, "derived")
    assert derived["reason_fr"]


def test_the_loss_can_be_written_as_json(kit: Kit) -> None:
    text = kit.lowered(shop(kit), graph('<p/1> a ex:Product ; ex:sku "1" ; ex:colour "é" .')).loss.to_json()
    assert '"lost": 1' in text
    assert "é" in text


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
    plain = kit.lowered(turtle, graph('<p/1> a ex:P ; ex:name "no language" .'))
    assert plain.loss.table["field"].to_list() == ["http://ex.org/name"], "a value without a language has no place"


def test_a_language_that_is_computed_is_listed_as_not_read_back(kit: Kit) -> None:
    upper = f"rml:languageMap [ {kit.call('lower', 'lang')} ]"
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", f'rml:reference "name" ; {upper}'), cls="ex:P")
    listed = columns(parse(kit.PREFIXES + turtle))
    assert listed.filter(column="lang").select("invertible", "reason").rows() == [(False, "derived")]


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
