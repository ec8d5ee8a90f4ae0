"""Lowering: which nodes share a row, and which make a row of their own."""

from types import SimpleNamespace as Kit

from datahub.mapping import lift, lower, parse


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
