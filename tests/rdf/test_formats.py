"""RDF in six syntaxes: what is written is read back, and hostile or broken input ends in a sentence."""

import json
from pathlib import Path

import polars as pl
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from datahub.errors import InputError
from datahub.rdf import contexts, nquads
from datahub.rdf.columns import Column
from datahub.rdf.formats import FORMATS, format_for, parse, undefined_members, write
from datahub.rdf.frame import Frame, FrameBuilder, empty
from datahub.rdf.guards import MIB, Limits
from datahub.rdf.jsonld import Context
from datahub.rdf.terms import BLANK, RDF_TYPE, XSD, Term

XML_TEXT = st.characters(
    blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff", whitelist_characters="\n\t"
)
ANY_TEXT = st.characters(blacklist_categories=["Cs"])
subjects = st.sampled_from(
    [Term.iri("http://e/a"), Term.iri("http://e/é#x"), Term.iri("urn:x:1"), Term(BLANK, "b0"), Term(BLANK, "c")]
)
predicates = st.sampled_from(
    [Term.iri(RDF_TYPE), Term.iri("http://schema.org/name"), Term.iri("http://e/p"), Term.iri("http://v/q#r")]
)
graphs = st.sampled_from([None, None, Term.iri("http://g/1"), Term.iri("http://g/2")])


def literals(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Term]:
    text = st.text(characters, max_size=6)
    numbers = st.sampled_from(["1", "-5", "01", "true", "4.50", "1E3", "2026-01-01", "not a number"])
    datatype = st.sampled_from(
        [XSD + name for name in ("integer", "boolean", "decimal", "double", "date", "string", "anyURI")]
    )
    return st.one_of(
        st.builds(Term.literal, text),
        st.builds(Term.literal, text, st.none(), st.sampled_from(["fr", "en", "fr-be"])),
        st.builds(Term.literal, numbers, datatype),
    )


def frames(characters: st.SearchStrategy[str], *, named: bool) -> st.SearchStrategy[Frame]:
    graph = graphs if named else st.none()
    quad = st.tuples(subjects, predicates, st.one_of(subjects, literals(characters)), graph)
    return st.lists(quad, max_size=8).map(frame_of)


def frame_of(quads: list[tuple[Term, Term, Term, Term | None]]) -> Frame:
    builder = FrameBuilder()
    for s, p, o, g in quads:
        builder.add(Column(s.kind, pl.Series([s.lexical])), p, o, g)
    return builder.build()


_A, _P = Term.iri("http://e/a"), Term.iri("http://e/p")


def lines(frame: Frame) -> list[str]:
    return frame.canonical_lines().to_list()


@pytest.mark.parametrize("name", ["nt", "ttl"])
@given(frame=frames(ANY_TEXT, named=False))
def test_triples_come_back_as_they_were(name: str, frame: Frame) -> None:
    assert lines(parse(write(frame, name), name)) == lines(frame)


@pytest.mark.parametrize("name", ["nq", "trig", "jsonld"])
@given(frame=frames(ANY_TEXT, named=True))
def test_quads_come_back_as_they_were(name: str, frame: Frame) -> None:
    assert lines(parse(write(frame, name), name)) == lines(frame)


@pytest.mark.filterwarnings("ignore:.* weird ")
@settings(max_examples=30)
@given(frame=frames(ANY_TEXT, named=False))
def test_rdflib_reads_the_triples_that_we_write(frame: Frame) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # to it, 1 and 01 are otherwise one literal
        assert len(rdflib.Graph().parse(data=write(frame, "nt"), format="nt")) == len(frame)


@pytest.mark.filterwarnings("ignore:.* weird ")
@pytest.mark.parametrize(("name", "theirs"), [("ttl", "turtle"), ("jsonld", "json-ld")])
@settings(max_examples=30)
@given(frame=frames(ANY_TEXT, named=False))
@example(frame=frame_of([(_A, _P, Term.literal(one, XSD + "integer"), None) for one in ("1", "01")]))
def test_rdflib_reads_the_same_in_every_form_that_we_write(name: str, theirs: str, frame: Frame) -> None:
    triples = rdflib.Graph().parse(data=write(frame, "nt"), format="nt")
    assert isomorphic(rdflib.Graph().parse(data=write(frame, name), format=theirs), triples)


@given(frames(XML_TEXT, named=False))
def test_triples_come_back_from_rdf_xml(frame: Frame) -> None:
    frame = frame_without_blank(frame)
    assert lines(parse(write(frame, "rdfxml"), "rdfxml")) == lines(frame)


def frame_without_blank(frame: Frame) -> Frame:
    """Blank nodes get other labels in RDF/XML, where they must be XML names."""
    kinds = frame.terms["kind"]
    keep = (kinds.gather(frame.triples["s"]) != BLANK) & (kinds.gather(frame.triples["o"]) != BLANK)
    return Frame(frame.terms, frame.triples.filter(keep))


CONTEXT = {
    "schema": "http://schema.org/",
    "e": {"@id": "http://e/", "@prefix": True},
    "xsd": XSD,
    "name": {"@id": "schema:name", "@language": "fr"},
    "e:p": {"@type": "@id"},
    "r": {"@id": "http://v/q#r", "@type": "xsd:integer", "@container": "@set"},
    "Thing": "e:a",
}


@given(frames(ANY_TEXT, named=True), st.sampled_from([None, "de"]))
def test_json_ld_compacted_with_a_context_says_the_same(frame: Frame, language: str | None) -> None:
    definition = {**CONTEXT, "@language": language} if language else CONTEXT
    data = write(frame, "jsonld", context=Context.of_definition(definition))
    assert lines(parse(data, "jsonld")) == lines(frame)


def test_a_context_named_by_address_is_kept_as_reference_and_resolved_from_its_copy() -> None:
    copy = b'{"@context": {"dfc-b": "http://dfc/b#", "dfc-b:hasUnit": {"@type": "@id"}}}'
    context = Context.read(copy, "https://www.datafoodconsortium.org")
    frame = frame_of(
        [(Term.iri("http://e/a"), Term.iri("http://dfc/b#hasUnit"), Term.iri("http://dfc/b#Kilogram"), None)]
    )
    data = write(frame, "jsonld", context=context)
    assert b'"@context": "https://www.datafoodconsortium.org"' in data
    assert b'"dfc-b:hasUnit": "dfc-b:Kilogram"' in data
    assert lines(parse(data, "jsonld", contexts={"https://www.datafoodconsortium.org": copy})) == lines(frame)


def test_turtle_is_grouped_and_uses_the_prefixes_that_occur() -> None:
    a = Term.iri("http://schema.org/a")
    frame = frame_of(
        [
            (a, Term.iri("http://schema.org/name"), Term.literal("x"), None),
            (a, Term.iri(RDF_TYPE), Term.iri("http://schema.org/Thing"), None),
        ]
    )
    assert write(frame, "ttl").decode().split("\n")[:3] == [
        "@prefix schema: <http://schema.org/> .",
        "schema:a a schema:Thing ;",
        '\tschema:name "x" .',
    ]


def test_numeric_escapes_and_equal_spellings_are_one_term() -> None:
    typed = b'\xc3\xa9\\\\u"^^<http://www.w3.org/2001/XMLSchema#string>'
    data = b'<http://e/a> <http://e/p> "\\u00e9\\\\u" .\n<http://e/a> <http://e/p> "' + typed + b" .\n"
    frame = parse(data, "nt")
    assert lines(frame) == ['<http://e/a> <http://e/p> "é\\\\u" .\n']
    assert frame.terms.height == 3


def test_n_triples_in_any_layout_is_read() -> None:
    data = b'# note\n\n  <http://e/a>\t<http://e/p>   "x y"@FR.# end\r\n_:b <http://e/p> <http://e/\\u00e9> .'
    assert lines(parse(data, "nt")) == ['<http://e/a> <http://e/p> "x y"@fr .\n', "_:b <http://e/p> <http://e/é> .\n"]


addresses = st.text(st.sampled_from("a:/?#[]@%2zé{|}\ue000\x7f\u200e&= "), max_size=8)


@given(addresses)
def test_what_the_fast_reader_takes_for_an_address_the_grammar_takes_too(rest: str) -> None:
    line = f"<http:{rest}> <http://p> <urn:{rest}> .\n".encode()
    frame = nquads.read(line, graphs=False)
    if frame is not None:
        assert len(list(ox.parse(line, ox.RdfFormat.N_TRIPLES))) == len(frame) == 1


@pytest.mark.parametrize("name", list(FORMATS))
def test_nothing_is_written_and_read_as_nothing(name: str) -> None:
    assert len(parse(write(empty(), name), name)) == 0


@pytest.mark.parametrize(
    ("hint", "name"),
    [
        ("ttl", "ttl"),
        ("text/turtle; charset=utf-8", "ttl"),
        (".jsonld", "jsonld"),
        ("data/x.NT", "nt"),
        ("application/rdf+xml", "rdfxml"),
    ],
)
def test_a_format_is_known_by_name_media_type_and_extension(hint: str, name: str) -> None:
    assert format_for(hint).name == name


def test_formats_without_graphs_merge_them() -> None:
    a, p, o = Term.iri("http://e/a"), Term.iri("http://e/p"), Term.literal("x")
    frame = frame_of([(a, p, o, Term.iri("http://g/1")), (a, p, o, Term.iri("http://g/2"))])
    assert write(frame, "nt") == b'<http://e/a> <http://e/p> "x" .\n'


def refused(data: bytes | Path, name: str, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(data, name, **options)  # type: ignore[arg-type]
    error = caught.value
    assert error.message.en != error.message.fr
    return error


XML = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]>"
    + XML
    + b"<rdf:Description><e:p>&j;</e:p></rdf:Description></rdf:RDF>"
)


@pytest.mark.parametrize(
    ("data", "name", "code", "row"),
    [
        (BILLION_LAUGHS, "rdfxml", "xml-doctype", 1),
        (BILLION_LAUGHS.decode().encode("utf-16"), "rdfxml", "xml-doctype", 1),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd">' + XML + b"</rdf:RDF>", "rdfxml", "xml-doctype", 1),
        (XML + b"\n<rdf:Description>", "rdfxml", "syntax", 2),
        (XML + b"<rdf:Description>" * 300, "rdfxml", "too-deep", 1),
        (
            XML + b'<rdf:Description rdf:about="x"><e:p>1</e:p></rdf:Description></rdf:RDF>',
            "rdfxml",
            "relative-iri",
            None,
        ),
        (b"<http://a> <http://p>\n" + b"[ <http://p> " * 300 + b"1" + b"]" * 300 + b" .", "ttl", "too-deep", 2),
        (b"<http://a> <http://p> " + b"( " * 300 + b")" * 300 + b" .", "trig", "too-deep", 1),
        (b'{"http://p":' * 2000 + b"1" + b"}" * 2000, "jsonld", "too-deep", 1),
        (b"[" * 200_000, "jsonld", "too-deep", 1),
        (b'{\n"@context": "http://127.0.0.1:8000/private", "@id": "http://a"}', "jsonld", "context-refused", 2),
        (b'{"@context": "file:///etc/passwd"}', "jsonld", "context-refused", 1),
        (b'{"@context": ["../x.jsonld", {}]}', "jsonld", "context-refused", 1),
        (b'{"@context": {"@import": "http://evil.example/c"}}', "jsonld", "context-refused", 1),
        (
            b'{"@context": {"p": {"@id": "http://p", "@context": "http://evil.example/c"}}, "p": {"q": 1}}',
            "jsonld",
            "context-refused",
            1,
        ),
        (
            b'{"@id": "http://a", "http://p": {"@context": "http://evil.example/c", "q": 1}}',
            "jsonld",
            "context-refused",
            1,
        ),
        (b'{"@\\u0063ontext": "http://evil.example/c", "q": 1}', "jsonld", "context-refused", None),
        (b'{"@id": "http://a",\n "http://p": }', "jsonld", "syntax", 2),
        (b'{"@id": "a", "http://p": 1}', "jsonld", "relative-iri", None),
        (b"", "jsonld", "syntax", 1),
        (b'<http://a> <http://p> "x" .\n<http://a> <http://p> "\xe9t\xe9" .', "ttl", "encoding", 2),
        (b'<http://a> <http://p> "\xff" .', "nt", "encoding", 1),
        (b"<a> <http://p> 1 .", "ttl", "relative-iri", None),
        (b"<http://a> <http://p>\n  foo:b .", "ttl", "syntax", 2),
        (b'<http://a> <http://p> "cut', "ttl", "syntax", 1),
        (b"<http://a> <http://p> <http://x y> .", "nt", "syntax", 1),
        (b'<http://a> <http://p> "x" .\n<http://a> "p" "x" .\n', "nq", "syntax", 2),
        (b'<http://a> <http://p> "\\ud800" .\n', "nt", "syntax", 1),
        (b"word\n<http://a> <http://p> <http://b> .\n", "nt", "syntax", 1),
        (b'<http://a> <http://p> <<( <http://a> <http://p> "x" )>> .', "nt", "unsupported", None),
    ],
)
def test_hostile_and_broken_input_ends_in_a_sentence(data: bytes, name: str, code: str, row: int | None) -> None:
    error = refused(data, name)
    assert (error.code, error.place.row) == (code, row), error.message.en


def test_a_syntax_error_says_where_and_why_in_both_languages() -> None:
    error = refused(b"<http://a> <http://p>\n  foo:b .", "ttl")
    assert (
        error.message.en
        == "The Turtle is not well formed at line 2, column 3, near “foo:b .”: the prefix “foo:” is not declared."
    )
    assert (
        error.message.fr
        == "Le Turtle est mal formé à la ligne 2, colonne 3, près de « foo:b . » : le préfixe « foo: » n'est pas déclaré."
    )


def test_brackets_inside_texts_are_no_nesting() -> None:
    text = b"[(" * 500
    assert len(parse(b'<http://a> <http://p> "%s" . # ((((\n' % text, "ttl")) == 1
    assert len(parse(b'{"@id": "http://a", "http://p": "%s"}' % text, "jsonld")) == 1


@pytest.mark.parametrize("unit", [b"XXX\n\\", b'"""\n\\', b"<a", b"\\XXX", b'"'])
def test_nothing_makes_the_depth_check_read_twice(unit: bytes) -> None:
    """Quadratic reading of these two megabytes would take hours."""
    many = unit.replace(b"X", b"'") * (2_000_000 // len(unit))
    for tail in (b"", b"\\"):
        refused(b"[" * 200 + many + tail, "ttl")
        refused(many + b"[" * 200 + tail, "jsonld")


def test_a_context_within_a_text_is_left_alone() -> None:
    data = rb'{"@id": "http://a", "http://p": "say \"@context\": \"http://x\""}'
    assert len(parse(data, "jsonld")) == 1


def test_bundled_contexts_are_used_alone_in_lists_and_through_one_another() -> None:
    contexts = {
        "https://one.example/c": b'{"@context": {"p": "http://e/p"}}',
        "https://two.example/c": b'{"@context": ["https://one.example/c", {"q": "http://e/q"}]}',
    }
    data = b'[{"@context": ["https://two.example/c", {"x": "http://e/x"}], "@id": "http://a", "p": 1, "q": 2, "x": 3}]'
    assert len(parse(data, "jsonld", contexts=contexts)) == 3


def test_members_that_no_context_defines_are_listed() -> None:
    data = b"""{"@context": {"name": "http://e/name"}, "@graph": [
        {"@id": "http://a", "@type": "Shop", "name": "x", "price": 1, "owner": {"name": "y", "price": 2}},
        {"@id": "http://b", "price": 3}]}"""
    assert undefined_members(data).rows() == [("price", 3), ("Shop", 1), ("owner", 1)]
    assert undefined_members(b'{"@context": {"@vocab": "http://v/"}, "x": 1}').is_empty()


def test_one_context_that_names_a_copy_again_and_again_is_refused() -> None:
    contexts = {"http://c": b'{"@context": {"p": "http://e/%s"}}' % (b"x" * 2000)}
    many = json.dumps({"@context": ["http://c"] * 100_000, "p": 1}).encode()
    assert refused(many, "jsonld", contexts=contexts).code == "too-large"


def test_contexts_in_every_object_take_time_in_proportion() -> None:
    text = "[" + ",\n".join(['{"@context": {"p": "http://e/p"}, "p": "x"}'] * 200_000) + "]"
    assert contexts.inline(text, {})  # quadratic time would not end today


def test_contexts_that_name_each_other_end() -> None:
    contexts = {"http://a": b'{"@context": "http://b"}', "http://b": b'{"@context": "http://a"}'}
    assert refused(b'{"@context": "http://a"}', "jsonld", contexts=contexts).code == "context-refused"


def test_sizes_are_capped(tmp_path: Path) -> None:
    data = b'<http://a> <http://p> "x" .\n' * 100
    assert refused(data, "nt", limits=Limits(max_bytes=1000)).code == "too-large"
    file = tmp_path / "x.nt"
    file.write_bytes(data)
    assert refused(file, "nt", limits=Limits(max_bytes=1000)).code == "too-large"
    assert refused(tmp_path / "none.nt", "nt").code == "file-missing"
    contexts = {"http://c": b'{"@context": {"p": "http://e/%s"}}' % (b"x" * 2000)}
    many = b"[" + b",".join([b'{"@context": "http://c"}'] * 100) + b"]"
    assert refused(many, "jsonld", contexts=contexts, limits=Limits(max_bytes=100_000)).code == "too-large"


MANY = {
    "ttl": b"<http://e/a> <http://e/p> " + b", ".join([b"1"] * 51) + b" .",
    "trig": b"<http://e/g> { <http://e/a> <http://e/p> " + b", ".join([b"[]"] * 51) + b" }",
    "nt": b"".join(b'<http://e/a> <http://e/p> "%d" .\n' % n for n in range(51)),
    "jsonld": json.dumps({"http://e/p": list(range(51))}).encode(),
}


@pytest.mark.parametrize("name", MANY)
def test_triples_are_counted_while_they_are_read(name: str) -> None:
    for most in (50, 51):
        limits = Limits(max_triples=most)
        if most == 51:
            assert parse(MANY[name], name, limits=limits)
            continue
        error = refused(MANY[name], name, limits=limits)
        assert error.code == "too-many-triples"
        assert "50 triples" in error.message.en
        assert "50 triplets" in error.message.fr


def test_a_prefix_of_a_megabyte_that_is_used_over_and_over_does_not_fill_the_memory() -> None:
    data = b"@prefix : <http://e/%s> .\n" % (b"a" * MIB) + b"".join(b":%d :p :o .\n" % n for n in range(20_000))
    error = refused(data, "ttl", limits=Limits(max_triples=100_000))  # 60 GB in full
    assert error.code == "too-long-written-out"
    assert "26 M" in error.message.fr


def test_a_few_long_texts_are_not_too_long_for_a_few_triples() -> None:
    data = b"<http://e/a> <http://e/p> '%s', '%s' ." % (b"a" * 10_000, b"b" * 10_000)
    assert len(parse(data, "ttl", limits=Limits(max_triples=2))) == 2


def test_what_a_format_cannot_hold_is_said() -> None:
    a = Term.iri("http://e/a")
    for quad in ((a, Term.iri("http://e/1"), a, None), (a, Term.iri("http://e/p"), Term.literal("\x01"), None)):
        with pytest.raises(InputError) as caught:
            write(frame_of([quad]), "rdfxml")
        assert caught.value.code == "not-expressible"
    with pytest.raises(InputError):
        write(frame_of([(Term.iri("schema:x"), Term.iri("http://schema.org/p"), a, None)]), "jsonld")


def test_an_unknown_format_names_those_that_are_known() -> None:
    error = refused(b"", "docx")
    assert error.code == "format-unknown"
    assert error.fix is not None
    assert "ttl" in error.fix.fr


def test_a_base_resolves_relative_addresses() -> None:
    for name, data in (("ttl", b"<a> <http://p> <b> ."), ("jsonld", b'{"@id": "a", "http://p": {"@id": "b"}}')):
        assert lines(parse(data, name, base="http://e/d/")) == ["<http://e/d/a> <http://p> <http://e/d/b> .\n"]
