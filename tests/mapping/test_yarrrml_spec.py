"""Each construct of the YARRRML specification (https://rml.io/yarrrml/spec/), by what it makes of a small table."""

from textwrap import dedent
from types import SimpleNamespace as Kit

import pytest

from datahub.errors import DefinitionError
from datahub.mapping import lift, parse

PREFIXES = 'prefixes: {ex: "http://ex.org/", fn: "https://w3id.org/datahub/ns/fn/"}\n'
T = 'mappings: {t: {sources: [["t.csv~csv"]], s: p/$(id), %s}}'


def made(kit: Kit, text: str, **columns: list[str | None]) -> set[str]:
    """The lines that the mapping ``text`` makes of a table ``t.csv``."""
    columns = columns or {"id": ["1"], "name": ["Ana"], "lang": ["fr"], "kind": ["http://ex.org/K"]}
    mapping = parse(PREFIXES + dedent(text), format="yarrrml")
    return kit.lines(lift(mapping, {"t.csv": kit.table(**columns)}, kit.BASE).frame)


@pytest.mark.parametrize("key", ["predicateobjects", "predicateobject", "po"])
def test_the_keys_of_predicates_and_objects(kit: Kit, key: str) -> None:
    assert made(kit, T % f"{key}: [[ex:name, $(name)]]") == {'<p/1> <ex:name> "Ana"'}


@pytest.mark.parametrize("p", ["predicates", "predicate", "p"])
@pytest.mark.parametrize("o", ["objects", "object", "o"])
def test_the_keys_of_one_predicate_and_object(kit: Kit, p: str, o: str) -> None:
    assert made(kit, T % f"po: [{{{p}: ex:name, {o}: $(name)}}]") == {'<p/1> <ex:name> "Ana"'}


@pytest.mark.parametrize("key", ["subjects", "subject", "s"])
@pytest.mark.parametrize("outer", ["mappings", "mapping", "m"])
def test_the_keys_of_mappings_and_subjects(kit: Kit, key: str, outer: str) -> None:
    text = f'{outer}: {{t: {{sources: [["t.csv~csv"]], {key}: p/$(id), po: [[a, ex:P]]}}}}'
    assert made(kit, text) == {"<p/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:P>"}


@pytest.mark.parametrize("key", ["graphs", "graph", "g"])
def test_graphs_of_a_mapping_and_of_a_predicate_and_object(kit: Kit, key: str) -> None:
    assert made(kit, T % f"{key}: ex:g, po: [[ex:name, $(name)]]") == {'<p/1> <ex:name> "Ana" <ex:g>'}
    several = T % f"po: [{{p: ex:name, o: $(name), {key}: [ex:g, ex:h-$(id)]}}]"
    assert made(kit, several) == {'<p/1> <ex:name> "Ana" <ex:g>', '<p/1> <ex:name> "Ana" <ex:h-1>'}


def test_lists_of_predicates_and_objects_are_combined(kit: Kit) -> None:
    short = made(kit, T % "po: [[[ex:a, ex:b], [$(name), x]]]")
    assert short == {f'<p/1> <ex:{p}> "{o}"' for p in "ab" for o in ("Ana", "x")}
    assert made(kit, T % "po: [{p: [ex:a, ex:b], o: [$(name), x]}]") == short


def test_several_subjects(kit: Kit) -> None:
    text = 'mappings: {t: {sources: [["t.csv~csv"]], s: [p/$(id), q/$(id)], po: [[ex:n, $(name)]]}}'
    assert made(kit, text) == {'<p/1> <ex:n> "Ana"', '<q/1> <ex:n> "Ana"'}


def test_a_subject_that_is_null_or_absent_is_a_blank_node(kit: Kit) -> None:
    for subject in ("s: null, ", "s: ~, ", ""):
        [line] = made(kit, f'mappings: {{t: {{sources: [["t.csv~csv"]], {subject}po: [[ex:n, $(name)]]}}}}')
        assert line.startswith("_:")


def test_iri_objects_in_short_and_in_long_form(kit: Kit) -> None:
    expected = {"<p/1> <ex:is> <ex:K>"}
    assert made(kit, T % "po: [[ex:is, $(kind)~iri]]") == expected
    assert made(kit, T % "po: [{p: ex:is, o: {value: $(kind), type: iri}}]") == expected
    assert made(kit, T % "po: [{p: ex:is, o: {v: ex:K, type: iri}}]") == expected


@pytest.mark.parametrize(
    "po",
    [
        "[[ex:n, $(id), xsd:integer]]",
        "[{p: ex:n, o: {value: $(id), datatype: xsd:integer}}]",
        "[{p: ex:n, o: [[$(id), xsd:integer]]}]",
        "[{p: ex:n, o: [$(id), xsd:integer]}]",
    ],
)
def test_datatypes(kit: Kit, po: str) -> None:
    assert made(kit, T % f"po: {po}") == {'<p/1> <ex:n> "1"^^<http://www.w3.org/2001/XMLSchema#integer>'}


@pytest.mark.parametrize(
    "po",
    [
        "[[ex:n, $(name), fr~lang]]",
        "[{p: ex:n, o: {value: $(name), language: fr}}]",
        "[{p: ex:n, o: [[$(name), fr~lang]]}]",
        "[[ex:n, $(name), $(lang)~lang]]",
        "[{p: ex:n, o: {value: $(name), language: $(lang)}}]",
    ],
)
def test_languages(kit: Kit, po: str) -> None:
    assert made(kit, T % f"po: {po}") == {'<p/1> <ex:n> "Ana"@fr'}


FUNCTIONS = [
    "{function: fn:upper, parameters: [[fn:value, $(name)]]}",
    "{fn: fn:upper, pms: [{parameter: fn:value, value: $(name)}]}",
    "{f: fn:upper, pms: [{pm: fn:value, v: $(name)}]}",
    '{function: "fn:upper(fn:value = $(name))"}',
    '{function: "fn:upper(fn:value = fn:trim(fn:value = $(name)))"}',
    "{f: fn:upper, pms: [[fn:value, {f: fn:trim, pms: [[fn:value, $(name)]]}]]}",
    "{f: fn:upper, pms: [{pm: fn:value, f: fn:trim, pms: [[fn:value, $(name)]]}]}",
]


@pytest.mark.parametrize("call", FUNCTIONS)
def test_functions_nested_and_in_one_text(kit: Kit, call: str) -> None:
    assert made(kit, T % f"po: [{{p: ex:n, o: {call}}}]") == {'<p/1> <ex:n> "ANA"'}
    assert made(kit, T % f"po: [[ex:n, {call}]]") == {'<p/1> <ex:n> "ANA"'}


def test_texts_in_one_line_calls_may_hold_commas_and_brackets(kit: Kit) -> None:
    call = """'fn:concat(fn:value = "a, (b)", fn:value2 = $(name), fn:separator = " ")'"""
    assert made(kit, T % f"po: [[ex:n, {{function: {call}}}]]") == {'<p/1> <ex:n> "a, (b) Ana"'}


def test_functions_of_subjects_predicates_and_graphs(kit: Kit) -> None:
    slug = '{function: "fn:slug(fn:value = $(name), fn:prefix = p/)"}'
    text = f'mappings: {{t: {{sources: [["t.csv~csv"]], s: {slug}, po: [[ex:n, x]]}}}}'
    assert made(kit, text) == {'<p/ana> <ex:n> "x"'}
    name = '{function: "fn:prefix(fn:value = $(name), fn:prefix = http://ex.org/)"}'
    assert made(kit, T % f"po: [{{p: {name}, o: x, graphs: {name}}}]") == {'<p/1> <ex:Ana> "x" <ex:Ana>'}


@pytest.mark.parametrize("key", ["condition", "conditions", "c"])
def test_conditions_of_mappings_subjects_predicates_and_objects(kit: Kit, key: str) -> None:
    holds = f"{key}: {{function: fn:equal, parameters: [[fn:value, $(id)], [fn:other, '1']]}}"
    columns = {"id": ["1", "2"], "name": ["a", "b"]}
    expected = {'<p/1> <ex:n> "a"'}
    assert made(kit, T % f"{holds}, po: [[ex:n, $(name)]]", **columns) == expected
    assert made(kit, T % f"po: [{{p: ex:n, o: $(name), {holds}}}]", **columns) == expected
    assert made(kit, T % f"po: [{{p: ex:n, o: {{value: $(name), {holds}}}}}]", **columns) == expected
    subject = f'mappings: {{t: {{sources: [["t.csv~csv"]], s: {{value: p/$(id), {holds}}}, po: [[ex:n, $(name)]]}}}}'
    assert made(kit, subject, **columns) == expected


def test_several_conditions_all_have_to_hold(kit: Kit) -> None:
    both = "condition: [{function: 'fn:equal(fn:value = $(id), fn:other = 1)'}, {function: 'fn:notEmpty(fn:value = $(name))'}]"
    assert made(kit, T % f"{both}, po: [[ex:n, $(id)]]", id=["1", "1", "2"], name=["a", None, "a"]) == {
        '<p/1> <ex:n> "1"'
    }


def test_inverse_predicates(kit: Kit) -> None:
    for key in ("inversepredicates", "inversepredicate", "iv", "i"):
        text = T % f"po: [{{p: ex:by, {key}: ex:made, o: 'q/$(name)~iri'}}]"
        assert made(kit, text) == {"<p/1> <ex:by> <q/Ana>", "<q/Ana> <ex:made> <p/1>"}
    with pytest.raises(DefinitionError, match="an IRI or a blank node"):
        parse(PREFIXES + T % "po: [{p: ex:by, i: ex:made, o: $(name)}]", format="yarrrml")


def test_inverse_predicates_of_links_and_joins(kit: Kit) -> None:
    text = """
    mappings:
      t: {sources: [["t.csv~csv"]], s: p/$(id), po: [{p: ex:by, i: ex:made, o: {mapping: u}}]}
      u: {sources: [["t.csv~csv"]], s: u/$(name)}
    """
    assert made(kit, text) == {"<p/1> <ex:by> <u/Ana>", "<u/Ana> <ex:made> <p/1>"}
    text = """
    mappings:
      t:
        sources: [["t.csv~csv"]]
        s: p/$(id)
        po:
          - p: ex:by
            i: ex:made
            o: {mapping: u, condition: {function: equal, parameters: [[str1, $(name)], [str2, $(code)]]}}
      u: {sources: [["u.csv~csv"]], s: u/$(code)}
    """
    tables = {"t.csv": kit.table(id=["1", "2"], name=["a", "b"]), "u.csv": kit.table(code=["b"])}
    frame = lift(parse(PREFIXES + dedent(text), format="yarrrml"), tables, kit.BASE).frame
    assert kit.lines(frame) == {"<p/2> <ex:by> <u/b>", "<u/b> <ex:made> <p/2>"}


def test_join_parameters_may_name_their_sides(kit: Kit) -> None:
    text = """
    mappings:
      t:
        sources: [["t.csv~csv"]]
        s: p/$(id)
        po: [[ex:by, {mapping: u, condition: {function: equal, parameters: [[str1, $(code), o], [str2, $(name), s]]}}]]
      u: {sources: [["u.csv~csv"]], s: u/$(code)}
    """
    tables = {"t.csv": kit.table(id=["1"], name=["a"]), "u.csv": kit.table(code=["a"])}
    assert kit.lines(lift(parse(PREFIXES + dedent(text), format="yarrrml"), tables, kit.BASE).frame) == {
        "<p/1> <ex:by> <u/a>"
    }


@pytest.mark.parametrize(
    "source",
    [
        "[[t.csv~csv]]",
        "t.csv~csv",
        "[t.csv~csv]",
        "{access: t.csv, referenceFormulation: csv}",
        "[{access: t.csv, referenceFormulation: csv, delimiter: ';', encoding: utf-8}]",
        "named",
        "[named]",
    ],
)
def test_sources_by_name_and_in_place(kit: Kit, source: str) -> None:
    text = f"sources: {{named: [t.csv~csv]}}\nmappings: {{t: {{sources: {source}, s: p/$(id), po: [[ex:n, $(name)]]}}}}"
    assert made(kit, text) == {'<p/1> <ex:n> "Ana"'}


def test_the_base_goes_before_relative_iris(kit: Kit) -> None:
    assert made(kit, "base: http://b.org/\n" + T % "po: [[ex:n, $(name)]]") == {'<http://b.org/p/1> <ex:n> "Ana"'}


def test_authors_are_allowed(kit: Kit) -> None:
    authors = "authors: [{name: Ana, email: a@ex.org}, 'Luc <l@ex.org>']\n"
    assert made(kit, authors + T % "po: [[ex:n, $(name)]]") == {'<p/1> <ex:n> "Ana"'}


def test_external_references_and_escapes(kit: Kit) -> None:
    text = "external: {city: Lyon, path: /a/b}\n" + T % (
        r"po: [[ex:a, $(_city)], [ex:b, 'x $(_path) $(name)'], [ex:c, 'costs \$(5)'], [ex:d, $(\_own)], [ex:e, 'a\)b']]"
    )
    assert made(kit, text, id=["1"], name=["n"], _own=["o"]) == {
        '<p/1> <ex:a> "Lyon"', '<p/1> <ex:b> "x /a/b n"', '<p/1> <ex:c> "costs $(5)"', '<p/1> <ex:d> "o"', '<p/1> <ex:e> "a)b"',
    }  # fmt: skip


def test_references_may_hold_escaped_brackets(kit: Kit) -> None:
    assert made(kit, T % r"po: [[ex:n, $(size \(cm\))]]", id=["1"], **{"size (cm)": ["3"]}) == {'<p/1> <ex:n> "3"'}


def test_targets_are_checked_and_do_not_change_the_triples(kit: Kit) -> None:
    known = "targets: {dump: [out.nq~void, nquads]}\n"
    text = 'mappings: {t: {sources: [["t.csv~csv"]], s: {value: p/$(id), targets: [%s]}, po: [[ex:n, $(name)]]}}'
    assert made(kit, known + text % "dump") == {'<p/1> <ex:n> "Ana"'}
    assert made(kit, known + text % '"other.nt~void"') == {'<p/1> <ex:n> "Ana"'}
    with pytest.raises(DefinitionError, match="no target"):
        parse(PREFIXES + text % "nowhere", format="yarrrml")


def test_anchors_and_merge_keys(kit: Kit) -> None:
    text = """
    x-common: &common {sources: [["t.csv~csv"]], s: p/$(id)}
    mappings:
      t: {<<: *common, po: [[ex:n, $(name)]]}
      u: {<<: *common, s: u/$(id), po: [[ex:n, $(name)]]}
    """
    assert made(kit, text) == {'<p/1> <ex:n> "Ana"', '<u/1> <ex:n> "Ana"'}


MISTAKES = [
    ("{s: x, po: [[a, ex:P]]}", 4, "t", "a key “sources” was expected"),
    ("\n    sources: x~csv\n    subjekt: x", 6, "t", "is it “subject”?"),
    ("\n    sources: x~csv\n    s: x\n    po:\n      - [a, ex:P]\n      - [ex:n]", 9, "t, po 2", "needs a predicate and an object"),
    ("\n    sources: x~csv\n    po:\n      - p: ex:n\n        o:\n          valeu: x", 9, "t, po 1", "is it “value”?"),
    ("\n    sources: x~csv\n    po:\n      - p: ex:n\n        o:\n          type: uri", 9, "t, po 1", "iri, literal"),
    ("\n    sources: x~csv\n    po:\n      - [ex:n, {function: 'fn:upper($(x))'}]", 7, "t, po 1", "should be like"),
    ("\n    sources:\n      - x~pdf", 6, "t, source", "has to be like"),
    ("\n    sources: x~csv\n    s: x\n    s: y", 7, "", "stands twice"),
    ("\n    sources: x~csv\n    s: []", 5, "t", "a list is empty"),
    ("\n    sources: x~csv\n    s: [[]]", 6, "t, subject", "a list is empty"),
    ("\n    sources: x~csv\n    po:\n      - [ex:n, []]", 7, "t, po 1", "a list is empty"),
    ("\n    sources: x~csv\n    po:\n      - [[], x]", 7, "t, po 1", "a list is empty"),
    ("\n    sources: x~csv\n    po:\n      - [ex:n, [[]]]", 7, "t, po 1", "a list is empty"),
    (
        "\n    sources: x~csv\n    po:\n      - p: ex:n\n        o:\n          mapping: t\n          condition:\n"
        "            function: equal\n            parameters: [[str1, $(a), s], [str2, $(b), s]]",
        9, "t, po 1", "of the same side",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "where", "expected"), MISTAKES)
def test_a_mistake_is_told_with_its_line_its_place_and_what_was_expected(
    body: str, line: int, where: str, expected: str
) -> None:
    text = f"prefixes:\n  ex: http://ex.org/\nmappings:\n  t: {body}\n"
    with pytest.raises(DefinitionError) as caught:
        parse(text, format="yarrrml")
    assert expected in caught.value.message.en
    assert caught.value.message.en.startswith(f"{where}: " if where else "")
    assert caught.value.place.row == line
    assert caught.value.message.fr != caught.value.message.en


def test_a_document_that_multiplies_itself_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(DefinitionError, match="nested without end"):
        parse(bomb, format="yarrrml")
