"""Why a triple is lost: each reason, by a product that gives rise to it."""

from types import SimpleNamespace as Kit


def losses(kit: Kit, extra: str) -> list[tuple[str, str, int]]:
    """The losses of a small product, as field, reason and count."""
    base = '<p/1> a ex:Product ; ex:sku "1" ; ex:price <p/1#price> . <p/1#price> a ex:Price ; ex:of <p/1> .'
    frame = kit.graph(base + extra)
    loss = kit.lowered(kit.shop, frame).loss
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
    frame = kit.graph('<p/1> a ex:Product ; ex:sku "1" ; ex:name "Apple"@en .')
    result = kit.lowered(kit.shop, frame)
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
    loss = kit.lowered(turtle, kit.graph('<p/1> a ex:P ; ex:q <p/1#q> . <p/1#q> ex:unit "kg" .')).loss
    assert set(loss.table["reason"]) == {"incomplete"}
    assert loss.lost == 2


def test_records_of_another_kind_are_lost_and_named_by_their_class(kit: Kit) -> None:
    frame = kit.graph('<p/1> a ex:Product ; ex:sku "1" . <c> a ex:Catalogue ; ex:title "x" .')
    loss = kit.lowered(kit.shop, frame).loss
    assert set(loss.table.select("class", "reason").rows()) == {
        ("http://ex.org/Catalogue", "record-kind-not-supported")
    }
    assert loss.lost == 2


def test_nodes_below_an_unmapped_property_are_lost_with_their_whole_path(kit: Kit) -> None:
    assert losses(kit, '<p/1> ex:box <p/1#box> . <p/1#box> ex:weight "2" .') == [
        ("box", "no-column", 1),
        ("box/weight", "no-column", 1),
    ]
