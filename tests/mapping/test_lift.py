"""Lifting: what triples come out of rows."""

from pathlib import Path
from types import SimpleNamespace as Kit

import polars as pl
import pytest

from datahub.errors import InputError
from datahub.mapping import lift, parse, plan


def nested(function: str, inside: str) -> str:
    """The Turtle of a function call on what ``inside`` gives."""
    value = f"[ rml:parameter fn:value ; rml:inputValueMap [ {inside} ] ]"
    return f"rml:functionExecution [ rml:function fn:{function} ; rml:input {value} ]"


def test_each_filled_cell_makes_one_triple_and_an_empty_one_none(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    result = kit.lifted(turtle, id=["1", "2"], name=["Pomme", None])
    assert kit.lines(result.frame) == {
        "<p/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:P>",
        "<p/2> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:P>",
        '<p/1> <ex:name> "Pomme"',
    }
    assert result.findings.height == 0


def test_triples_carry_the_row_that_they_came_from(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'))
    assert kit.lifted(turtle, id=["1", "2"], name=["a", "b"]).frame.triples["row"].to_list() == [2, 3]


def test_values_in_iri_templates_are_percent_encoded_and_letters_of_all_scripts_are_kept(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:x", 'rml:constant "x"'))
    found = kit.lines(kit.lifted(turtle, id=["a b/ç?", "100%", "ok", "日本", "\ue000"]).frame)
    assert found == {f'<p/{name}> <ex:x> "x"' for name in ["a%20b%2Fç%3F", "100%25", "ok", "日本", "%EE%80%80"]}


def test_an_iri_from_a_cell_is_absolute_or_below_the_base_and_a_broken_one_is_reported(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:page", 'rml:reference "url" ; rml:termType rml:IRI'))
    result = kit.lifted(turtle, id=["1", "2", "3"], url=["https://a.example/x", "y", "not a url"])
    assert kit.lines(result.frame) == {"<p/1> <ex:page> <https://a.example/x>", "<p/2> <ex:page> <y>"}
    finding = result.findings.row(0, named=True)
    assert (finding["code"], finding["row"], finding["column"], finding["value"]) == (
        "iri-invalid",
        4,
        "url",
        "not a url",
    )
    assert finding["severity"] == "violation"
    assert finding["record"] == "http://hub/d/p/3"


def test_a_value_that_its_lens_cannot_read_makes_a_finding_in_both_languages_and_no_triple(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:price", kit.call("decimalComma", "price")))
    result = kit.lifted(turtle, id=["1", "2", "3"], price=["4,20", "cher", None])
    assert kit.lines(result.frame) == {'<p/1> <ex:price> "4.20"^^<http://www.w3.org/2001/XMLSchema#decimal>'}
    [finding] = result.findings.to_dicts()
    assert finding["message_en"] == "“cher” is not a decimal number."
    assert finding["message_fr"] == "« cher » n'est pas un nombre décimal."
    assert (finding["severity"], finding["row"], finding["column"]) == ("violation", 3, "price")
    assert finding["fix_fr"]


def test_a_mapping_can_make_an_unreadable_value_a_mere_warning(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:price", kit.call("decimal", "price", severity="warning")))
    assert kit.lifted(turtle, id=["1"], price=["x"]).findings["severity"].to_list() == ["warning"]


def test_links_without_condition_join_the_nodes_of_one_row(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:offer", "rml:parentTriplesMap <#o>")) + kit.triples_map(
        "o", "p/{id}#offer", kit.pom("ex:price", 'rml:reference "price"')
    )
    assert kit.lines(kit.lifted(turtle, id=["1"], price=["2"]).frame) == {
        "<p/1> <ex:offer> <p/1#offer>",
        '<p/1#offer> <ex:price> "2"',
    }


def test_a_node_whose_condition_fails_disappears_with_the_links_to_it(kit: Kit) -> None:
    condition = f"rml:condition [ {kit.call('notEmpty', 'price')} ]"
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:offer", "rml:parentTriplesMap <#o>")) + (
        f'<#o> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{{id}}#offer" ; rml:class ex:O ; {condition} ] .'
    )
    found = kit.lines(kit.lifted(turtle, id=["1", "2"], price=["2", None]).frame)
    assert found == {
        "<p/1> <ex:offer> <p/1#offer>",
        "<p/1#offer> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:O>",
    }


def test_joins_match_rows_of_two_sources_on_all_conditions(kit: Kit) -> None:
    turtle = (
        kit.PREFIXES
        + '<#b> rml:source "b.csv" ; rml:referenceFormulation rml:CSV .'
        + kit.triples_map(
            "t",
            "p/{id}",
            kit.pom(
                "ex:by",
                "rml:parentTriplesMap <#f> ; rml:joinCondition [ rml:child 'farm' ; rml:parent 'code' ] , "
                "[ rml:child 'year' ; rml:parent 'year' ]",
            ),
        )
        + kit.triples_map("f", "f/{code}-{year}", kit.pom("ex:name", 'rml:reference "name"'), source="b")
    )
    tables = {
        "t.csv": kit.table(id=["1", "2", "3"], farm=["a", "a", None], year=["24", "25", "24"]),
        "b.csv": kit.table(code=["a", "a"], year=["24", "26"], name=["A24", "A26"]),
    }
    frame = lift(parse(turtle), tables, kit.BASE).frame
    assert {line for line in kit.lines(frame) if "ex:by" in line} == {"<p/1> <ex:by> <f/a-24>"}


def test_language_and_datatype_may_come_from_columns(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t",
        "p/{id}",
        kit.pom("ex:name", 'rml:reference "name" ; rml:languageMap [ rml:reference "lang" ]'),
        kit.pom("ex:value", 'rml:reference "name" ; rml:datatypeMap [ rml:template "http://ex.org/{type}" ]'),
    )
    found = kit.lines(kit.lifted(turtle, id=["1", "2"], name=["a", "b"], lang=["fr", "en-GB"], type=["T", None]).frame)
    assert found == {'<p/1> <ex:name> "a"@fr', '<p/2> <ex:name> "b"@en-gb', '<p/1> <ex:value> "a"^^<ex:T>'}


def test_a_split_cell_makes_several_triples_and_lenses_apply_to_each_part(kit: Kit) -> None:
    split = kit.call("split", "tags", separator="|")
    upper = nested("upper", split)
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:tag", split), kit.pom("ex:TAG", upper))
    found = kit.lines(kit.lifted(turtle, id=["1", "2"], tags=["bio | vrac|", None]).frame)
    assert found == {'<p/1> <ex:tag> "bio"', '<p/1> <ex:tag> "vrac"', '<p/1> <ex:TAG> "BIO"', '<p/1> <ex:TAG> "VRAC"'}


def test_an_unreadable_part_of_a_split_cell_is_reported_alone(kit: Kit) -> None:
    split = kit.call("split", "n", separator=";")
    number = nested("integer", split)
    result = kit.lifted(kit.triples_map("t", "p/{id}", kit.pom("ex:n", number)), id=["1", "2"], n=["1;x;3", "4"])
    assert len(result.frame) == 3
    assert result.findings.select("row", "column", "value").rows() == [(2, "n", "x")]


def test_several_values_of_one_reference_in_subject_and_object_give_all_combinations(kit: Kit) -> None:
    turtle = kit.triples_map(
        "t", "p/{tags}", kit.pom("ex:tag", 'rml:reference "tags"'), kit.pom("ex:n", 'rml:reference "n"')
    )
    found = kit.lines(kit.lifted(turtle, tags=[["a", "b"]], n=["1"]).frame)
    assert found == {'<p/a> <ex:tag> "a"', '<p/b> <ex:tag> "b"', '<p/a> <ex:n> "1"', '<p/b> <ex:n> "1"'}


def test_blank_nodes_of_equal_values_are_one_node_and_graphs_are_kept(kit: Kit) -> None:
    turtle = (
        '<#t> rml:logicalSource <#csv> ; rml:subjectMap [ rml:reference "who" ; rml:termType rml:BlankNode ; '
        'rml:graphMap [ rml:template "g/{g}" ] ] ; rml:predicateObjectMap [ rml:predicate ex:name ; '
        'rml:objectMap [ rml:reference "name" ] ] .'
    )
    frame = kit.lifted(turtle, who=["a b", "a b"], name=["x", "y"], g=["1", "2"]).frame
    assert frame.triples["s"].n_unique() == 1
    assert {line.split()[-1] for line in kit.lines(frame)} == {"<g/1>", "<g/2>"}


def test_codes_are_found_exactly_then_without_case_and_the_unknown_are_reported(kit: Kit) -> None:
    def codes(scheme: str, notation: str) -> pl.DataFrame:
        assert (scheme, notation) == ("http://ex.org/units", "http://ex.org/code")
        return pl.DataFrame(
            {"code": ["kg", "KG", "l"], "iri": ["http://ex.org/kg", "http://ex.org/KG", "http://ex.org/l"]}
        )

    unit = (
        kit.call("lookup", "unit", scheme="http://ex.org/units", property="http://ex.org/code")
        + " ; rml:termType rml:IRI"
    )
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:unit", unit))
    result = kit.lifted(turtle, codes, id=["1", "2", "3", "4"], unit=["KG", "kg", " L", "?"])
    assert kit.lines(result.frame) == {"<p/1> <ex:unit> <ex:KG>", "<p/2> <ex:unit> <ex:kg>", "<p/3> <ex:unit> <ex:l>"}
    assert result.findings.select("row", "code").rows() == [(5, "value-not-in-code-list")]


def test_a_column_that_the_table_lacks_counts_as_empty_and_is_told(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'), cls="ex:P")
    result = kit.lifted(turtle, id=["1"])
    assert len(result.frame) == 1
    assert result.findings.select("severity", "code", "column").rows() == [("info", "column-missing", "name")]


def test_a_table_without_rows_gives_an_empty_frame(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"'))
    assert len(kit.lifted(turtle, id=[], name=[]).frame) == 0


def test_a_bare_mapping_finds_its_sources_beside_it(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,Pomme\n", "utf-8")
    (tmp_path / "m.ttl").write_text(
        kit.PREFIXES + kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "name"')), "utf-8"
    )
    assert len(lift(parse(tmp_path / "m.ttl")).frame) == 1


def test_a_bare_mapping_whose_source_or_column_is_missing_is_an_error_that_names_it(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "m.ttl").write_text(
        kit.PREFIXES + kit.triples_map("t", "p/{id}", kit.pom("ex:name", 'rml:reference "nom"')), "utf-8"
    )
    with pytest.raises(InputError, match=r"t\.csv"):
        lift(parse(tmp_path / "m.ttl"))
    (tmp_path / "t.csv").write_text("id,name\n1,Pomme\n", "utf-8")
    with pytest.raises(InputError, match="“nom” is missing; there are id, name"):
        lift(parse(tmp_path / "m.ttl"))


def test_the_plan_can_be_read_by_people(kit: Kit) -> None:
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:price", kit.call("decimalComma", "price")), cls="ex:P")
    text = str(plan(parse(kit.PREFIXES + turtle)))
    assert "read t.csv (csv)" in text
    assert "http://ex.org/price decimalComma(value={price})" in text


def test_a_small_file_whose_lists_combine_without_end_is_refused(kit: Kit) -> None:
    many = [str(number) for number in range(2_000)]
    turtle = kit.triples_map("t", "p/{a}-{b}-{c}", kit.pom("ex:x", 'rml:constant "x"'))
    with pytest.raises(InputError, match="combinations"):
        kit.lifted(turtle, a=[many], b=[many], c=[many])


def test_a_join_whose_pairs_have_no_end_is_refused(kit: Kit) -> None:
    join = "rml:parentTriplesMap <#t> ; rml:joinCondition [ rml:child 'k' ; rml:parent 'k' ]"
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:near", join))
    with pytest.raises(InputError, match="combinations"):
        kit.lifted(turtle, id=[str(number) for number in range(10_000)], k=["same"] * 10_000)
