"""Lowering: RDF back into the tables that it was made of, or that its nodes fit by their place."""

from types import SimpleNamespace as Kit

from datahub.mapping import lower, parse


def test_a_lifted_table_comes_back_without_loss(kit: Kit) -> None:
    table = {
        "sku": ["1", "b/2"],
        "name": ["Pomme", None],
        "unit": ["kg", None],
        "price": ["4,20", "5"],
        "farm": ["A", "A"],
    }
    frame = kit.lifted(kit.shop, **table).frame
    result = kit.lowered(kit.shop, frame)
    assert result.tables["t.csv"].to_dict(as_series=False) == table
    assert (result.loss.lost, result.loss.expressed) == (0, len(frame))
    assert result.loss.table.height == 0


def test_nodes_are_found_by_their_place_whatever_their_iris(kit: Kit) -> None:
    frame = kit.graph(
        """<http://other/x> a ex:Product ; ex:sku "9" ; ex:name "Lait"@fr ; ex:NAME "LAIT" ; ex:price _:p ; ex:by <http://other/f> .
        _:p a ex:Price ; ex:value "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> ; ex:of <http://other/x> .
        <http://other/f> a ex:Farm ; ex:name "Ferme" ; ex:makes <http://other/x> ."""
    )
    result = kit.lowered(kit.shop, frame)
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


def test_the_iri_of_a_record_is_read_back_into_the_columns_of_its_template(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{year}-{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    frame = kit.lifted(turtle, year=["2026"], id=["a b"], name=["x"]).frame
    assert kit.lowered(turtle, frame).tables["t.csv"].to_dicts() == [{"year": "2026", "id": "a b", "name": "x"}]
    elsewhere = kit.lowered(turtle, frame, base="http://elsewhere/")
    assert elsewhere.tables["t.csv"].to_dicts() == [{"year": None, "id": None, "name": "x"}]
    assert set(elsewhere.loss.table["reason"]) == {"incomplete"}, "a row without its identifier can't be read again"
    assert elsewhere.loss.lost == len(frame)


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
    result = kit.lowered(kit.shop, kit.graph(""))
    assert result.tables["t.csv"].height == 0
    assert (result.loss.total, result.loss.lost) == (0, 0)
