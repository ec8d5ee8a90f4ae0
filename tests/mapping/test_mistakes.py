"""Mistakes in a mapping: each is told with file and line, in both languages, and never in the words of a library."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from datahub.errors import DatahubError, DefinitionError
from datahub.mapping import parse, plan

CONNECTORS = Path(__file__).parents[2] / "connectors"
MAPPINGS = sorted([*CONNECTORS.glob("*/mapping*.ttl"), *CONNECTORS.glob("*/*.yarrrml.yml")])
RAW = re.compile(
    r"pyoxigraph|yaml\.|ScalarNode|Traceback|object has no|<class|Parser error|expected one of|while (parsing|scanning)"
    r"|mapping values|0x[0-9a-f]{6}"
)
SIGNS = "{}[]();.,\"'\\:$%<>#\x00é\t&*"


def mutated(text: str, chance: random.Random) -> str:
    """``text`` with one slip of the pen."""
    lines = text.split("\n")
    at, row = chance.randrange(len(text)), chance.randrange(len(lines))
    match chance.randrange(7):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + chance.choice(SIGNS) + text[at:]
        case 2:
            return "\n".join(lines[:row] + lines[row + 1 :])
        case 3:
            return "\n".join([*lines[:row], "  " + lines[row], *lines[row + 1 :]])
        case 4:
            return text[: max(at, len(text) // 3)]
        case 5:
            word = chance.choice(list(re.finditer(r"\b(rml|fn):\w+|\b(?:po|function|sources|mappings)\b", text)))
            return text[: word.end()] + "x" + text[word.end() :]
        case _:
            prefix = chance.choice(list(re.finditer(r"\b\w+:(?=\w)", text)))
            return text[: prefix.start()] + "zz:" + text[prefix.end() :]


@pytest.mark.parametrize("file", MAPPINGS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_whatever_slips_into_a_mapping_its_error_is_worded_with_its_place(file: Path, tmp_path: Path) -> None:
    chance, text = random.Random(file.name + file.parent.name), file.read_text("utf-8")
    copy = tmp_path / file.name
    for _ in range(25):
        copy.write_text(mutated(text, chance), "utf-8")
        error = mistake(copy)
        if error is None:
            continue
        assert error.place is not None
        assert error.place.file == file.name
        of_the_whole = "“mappings”" in error.message.en or "triples map in" in error.message.en
        assert error.place.row or of_the_whole, error
        assert error.message.en != error.message.fr
        assert not RAW.search(error.to("en")), error.to("en")


def mistake(file: Path) -> DatahubError | None:
    """What is said of ``file``, if anything; any other error is one of ours."""
    try:
        plan(parse(file))
    except DatahubError as error:
        return error
    return None


TURTLE = """@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://ex.org/> .
@base <http://maps/> .
<#p> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ;
    rml:objectMap [ rml:reference "name" ; rml:language "fr" ] ] .
"""


@pytest.mark.parametrize(
    ("right", "wrong", "row", "told"),
    [
        ("rml:reference ", "rml:refrence ", 7, "“reference” was probably meant"),
        ("rml:language", "rml:langauge", 7, "“language” was probably meant"),
        ("rml:template", "rml:templat", 5, "“template” was probably meant"),
        ("rml:predicateObjectMap", "rml:predicateObjectsMap", 4, "“predicateObjectMap” was probably meant"),
        ("ex:name ;", "ey:name ;", 6, "the prefix “ey:” is not declared"),
        ('"fr" ]', '"fr ]', 7, "something is not closed before the end"),
        ("] ] .", "] .", 7, "a closing bracket “]” or a semicolon is expected"),
        ("<http://ex.org/>", "<http://ex .org/>", 2, "an address between < and > is broken"),
    ],
)
def test_mistakes_in_turtle_say_what_was_expected(right: str, wrong: str, row: int, told: str, tmp_path: Path) -> None:
    refused(tmp_path / "m.ttl", TURTLE, TURTLE.replace(right, wrong), row, told)


LOOP = """  rml:predicateObjectMap [ rml:predicate ex:loop ; rml:objectMap <#m> ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ;"""
CALLED = """<#m> rml:functionExecution <#e> .
<#e> rml:function <https://w3id.org/datahub/ns/fn/lower> ;
  rml:input [ rml:parameter <https://w3id.org/datahub/ns/fn/value> ; rml:inputValueMap <#m> ] .
"""


def test_a_function_of_its_own_result_is_told() -> None:
    text = TURTLE.replace("  rml:predicateObjectMap [ rml:predicate ex:name ;", LOOP) + CALLED
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    assert "the function is called with its own result" in caught.value.message.en


FORM = """rml:source [ td:hasPropertyAffordance [ td:hasForm [
  hctl:hasTarget "https://a.example/t.csv" ; htv:headers <#l> ] ] ] ;"""
WEB = """@prefix td: <https://www.w3.org/2019/wot/td#> . @prefix hctl: <https://www.w3.org/2019/wot/hypermedia#> .
@prefix htv: <http://www.w3.org/2011/http#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


@pytest.mark.parametrize(
    ("more", "told"),
    [("rdf:rest <#l>", "a list goes back into itself"), ("rdf:value 1", "a header needs a name and a value")],
)
def test_a_list_that_never_ends_or_is_cut_off_is_no_trap(more: str, told: str) -> None:
    text = WEB + TURTLE.replace('rml:source "t.csv" ;', FORM) + f"<#l> rdf:first [] ; {more} ."
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    assert told in caught.value.message.en


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('rml:language "fr"', 'rml:language "fr", "en"', "rml:language is there 2 times"),
        ('rml:language "fr"', "rml:termType rml:IRI, rml:Literal", "rml:termType is there 2 times"),
        ('rml:reference "name"', "rml:reference ex:name", "rml:reference takes a text"),
        (
            'rml:reference "name" ; rml:language "fr"',
            "rml:parentTriplesMap <#p>, <#q>",
            "rml:parentTriplesMap is there 2",
        ),
    ],
)
def test_what_is_said_twice_or_is_no_text_is_told(right: str, wrong: str, told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(TURTLE.replace(right, wrong))
    assert told in caught.value.message.en
    assert caught.value.place is not None
    assert caught.value.place.row


def test_a_misspelt_property_is_told_with_the_way_to_it() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(TURTLE.replace("rml:language", "rml:langauge"))
    assert "p, predicateObjectMap of" in caught.value.message.en
    assert "objectMap: the property “langauge”" in caught.value.message.en


YARRRML = """prefixes: {ex: http://ex.org/}
mappings:
  p:
    sources: [[t.csv~csv]]
    s: http://ex.org/$(sku)
    po:
      - [ex:name, $(name)]
"""


@pytest.mark.parametrize(
    ("right", "wrong", "row", "told"),
    [
        ("$(name)]", "$(name)", 8, "a comma or a closing bracket is expected"),
        ("    s: http", "\ts: http", 5, "a tab stands where only spaces may"),
        ("s: http", "s: 'http", 8, "a quote is not closed"),
        ("$(name)", "%(name)", 7, "put it between quotes"),
        ("$(name)", "*name", 7, "has no anchor"),
        ("p:\n", "? {a: b}\n  :\n", 3, "a list or a mapping stands where a key is expected"),
        ("mappings:", "---\nmappings:", 2, "a second document"),
        ("ex:name", "ex:\x00name", 7, "a control character"),
        ("    po:", "   po:", 6, "the indentation differs"),
    ],
)
def test_mistakes_in_yarrrml_say_what_was_expected(right: str, wrong: str, row: int, told: str, tmp_path: Path) -> None:
    refused(tmp_path / "m.yml", YARRRML, YARRRML.replace(right, wrong), row, told)


@pytest.mark.parametrize(
    ("text", "row", "told"),
    [
        ("mapings:\n  t: {}\n", 1, "“mapings” is unknown in the document; is it “mappings”?"),
        ("prefix: {ex: http://ex.org/}\n" + YARRRML.partition("\n")[2], 1, "is it “prefixes”?"),
        (YARRRML + "sourcs: {}\n", 8, "is it “sources”?"),
        (YARRRML + "templates: {}\n", 8, "known are mappings, sources, targets, base, prefixes, external, authors."),
        (YARRRML + "authors: [{nom: Ana}]\n", 8, "is unknown in an author; known are name, email, website."),
        (YARRRML + "sources:\n  unused:\n    acces: t.csv\n", 10, "is it “access”?"),
        (YARRRML + "targets:\n  dump:\n    access: d.nt\n    serialisation: nt\n", 11, "is it “serialization”?"),
        (YARRRML.replace("[[t.csv~csv]]", "\n     - access: t.csv\n       delimter: ;"), 6, "is it “delimiter”?"),
        (YARRRML.replace("[[t.csv~csv]]", "\n     - access: t.csv\n       paging: {page: 1}"), 6, "in paging"),
        (YARRRML.replace("- [ex:name,", "- p: {vale: ex:n}\n        o:").replace(")]", ")"), 7, "is it “value”?"),
        (YARRRML + "    condition:\n      function: equal\n      paramters: []\n", 10, "is it “parameters”?"),
    ],
)
def test_a_key_that_means_nothing_in_yarrrml_is_told_wherever_it_stands(
    text: str, row: int, told: str, tmp_path: Path
) -> None:
    refused(tmp_path / "m.yml", YARRRML, text, row, told)


def test_keys_that_begin_with_x_hold_anchors() -> None:
    plan(parse("x-shared: &shared [[t.csv~csv]]\n" + YARRRML.replace("[[t.csv~csv]]", "*shared"), "yarrrml"))


def refused(file: Path, right: str, wrong: str, row: int, told: str) -> None:
    """``right`` is a mapping; ``wrong`` is refused in both languages, with its file and its row."""
    assert right != wrong
    file.write_text(right, "utf-8")
    plan(parse(file))
    file.write_text(wrong, "utf-8")
    with pytest.raises(DefinitionError) as caught:
        parse(file)
    assert told in caught.value.message.en
    assert caught.value.message.en != caught.value.message.fr
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.row) == (file.name, row)
