"""What a mapping says about its sources is what the readers do."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from datahub.errors import DefinitionError, ForbiddenError, InputError
from datahub.mapping import lift, parse
from datahub.mapping.model import LogicalSource
from datahub.sources.access import Access, Database, Egress, Web

PREFIXES = """
@prefix rml: <http://w3id.org/rml/> . @prefix csvw: <http://www.w3.org/ns/csvw#> . @prefix s: <http://schema.org/> .
@prefix d2rq: <http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#> . @prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix td: <https://www.w3.org/2019/wot/td#> . @prefix hctl: <https://www.w3.org/2019/wot/hypermedia#> .
@prefix htv: <http://www.w3.org/2011/http#> .
"""


def mapping(source: str, name: str = "name", key: str = "id", logical: str = "rml:logicalSource") -> str:
    return f"""{PREFIXES} <#m> {logical} [ {source} ] ; rml:subjectMap [ rml:template "http://a.example/{{{key}}}" ] ;
        rml:predicateObjectMap [ rml:predicate s:name ; rml:objectMap [ rml:reference "{name}" ] ] ."""


def names(
    folder: Path, source: str, data: bytes, file: str = "data.csv", name: str = "name", key: str = "id"
) -> list[str]:
    """The names that the mapping lifts of ``data``, in order of the rows."""
    (folder / file).write_bytes(data)
    lifted = lift(parse(mapping(source, name, key)), folder)
    found = sorted(lifted.frame.canonical_lines().to_list())
    return [line.split(" ", 2)[2].rsplit('"', 1)[0].removeprefix('"') for line in found]


def csv(properties: str, dialect: str = "") -> str:
    described = f"; csvw:dialect [ a csvw:Dialect ; {dialect} ]" if dialect else ""
    return (
        f'rml:source [ a csvw:Table ; csvw:url "data.csv" {described} {properties} ] ; rml:referenceFormulation rml:CSV'
    )


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        ('csvw:delimiter ";"', "id;name\n1;a,b\n"),
        ('csvw:delimiter "\t"', "id\tname\n1\ta,b\n"),
        ('csvw:quoteChar "\'"', "id,name\n1,'a,b'\n"),
        ("csvw:skipRows 2", 'Extract\nof today\nid,name\n1,"a,b"\n'),
        ('csvw:commentPrefix "#"', '# it is 5" wide\n# twice\nid,name\n# "no" row\n1,"a,b"\n#2,"c"\n'),
        ("csvw:doubleQuote false", 'id,name\n1,"a,b"\n'),
        ("csvw:trim true", 'id , name\n1, "a,b" \n'.replace('"a,b" ', '"a,b"').replace(', "', ',"')),
        ("csvw:headerRowCount 2", 'id,name\nnumber,text\n1,"a,b"\n'),
        ("csvw:skipColumns 1", 'x,id,name\n9,1,"a,b"\n'),
    ],
)
def test_a_csvw_dialect_says_how_the_file_is_written(tmp_path: Path, dialect: str, data: str) -> None:
    assert names(tmp_path, csv("", dialect), data.encode()) == ["a,b"]


def test_quotes_behind_backslashes_are_read_where_the_dialect_says_so(tmp_path: Path) -> None:
    data = b'id,name\n1,"say \\"hi\\", twice"\n'
    assert names(tmp_path, csv("", "csvw:doubleQuote false"), data) == [r"say \"hi\", twice"]


def test_a_comment_sign_inside_a_quoted_value_is_text(tmp_path: Path) -> None:
    data = b'id,name\n1,"a\n#b"\n# gone\n2,c\n'
    assert names(tmp_path, csv("", 'csvw:commentPrefix "#"'), data) == [r"a\n#b", "c"]


def test_a_file_without_header_has_the_names_of_its_schema_or_numbers(tmp_path: Path) -> None:
    data = b"1,Carottes\n2,Pommes\n"
    assert names(tmp_path, csv("", "csvw:header false"), data, name="_col.2", key="_col.1") == ["Carottes", "Pommes"]
    schema = '; csvw:tableSchema [ csvw:column ( [ csvw:name "id" ] [ csvw:name "name" ] ) ]'
    assert names(tmp_path, csv(schema, "csvw:header false"), data) == ["Carottes", "Pommes"]


def test_spaces_are_kept_unless_the_dialect_trims(tmp_path: Path) -> None:
    data = b"id,name\n1, a \n"
    assert names(tmp_path, csv(""), data) == [" a "]
    assert names(tmp_path, csv("", 'csvw:trim "start"'), data) == ["a "]
    assert names(tmp_path, csv("", 'csvw:trim "end"'), data) == [" a"]
    assert names(tmp_path, csv("", "csvw:trim true"), data) == ["a"]
    assert names(tmp_path, csv("", "csvw:skipInitialSpace true"), data) == ["a "]


@pytest.mark.parametrize(
    "null",
    [
        '; csvw:null "n/a"',
        '; rml:null "n/a"',
        '; csvw:tableSchema [ csvw:column ( [ csvw:name "name" ; csvw:null "n/a" ] ) ]',
    ],
)
def test_null_tokens_give_nothing(tmp_path: Path, null: str) -> None:
    assert names(tmp_path, csv(null), b"id,name\n1,n/a\n2,b\n") == ["b"]


def test_null_tokens_count_in_json_too(tmp_path: Path) -> None:
    source = (
        'rml:source [ rml:path "d.json" ; rml:null "-" ] ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]"'
    )
    data = b'[{"id": "1", "name": "-"}, {"id": "2", "name": "b"}]'
    assert names(tmp_path, source, data, "d.json") == ["b"]


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE", "windows-1252", "ISO-8859-15", "UTF-8"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_encoding_that_the_mapping_states_is_used(tmp_path: Path, encoding: str, form: str) -> None:
    stated = f"rml:encoding rml:{encoding}"
    if form == "csv":
        found = names(tmp_path, csv(f"; {stated}"), "id,name\n1,Pâté\n".encode(encoding))
    else:
        source = (
            f'rml:source [ rml:path "d.json" ; {stated} ] ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]"'
        )
        found = names(tmp_path, source, '[{"id": 1, "name": "Pâté"}]'.encode(encoding), "d.json")
    assert found == ["Pâté"]


def test_a_file_that_is_not_in_the_stated_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        names(tmp_path, csv("; rml:encoding rml:UTF-8"), "id,name\n1,Pâté\n".encode("cp1252"))
    assert refused.value.code == "encoding"
    assert refused.value.place.row == 2


@pytest.mark.parametrize("stated", ["; rml:compression rml:gzip", ""])
def test_gzip_is_unpacked(tmp_path: Path, stated: str) -> None:
    assert names(tmp_path, csv(stated), gzip.compress(b"id,name\n1,a\n")) == ["a"]


def test_a_file_of_a_zip_archive_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one.csv", "id,name\n1,a\n")
        archive.writestr("two.csv", "id,name\n1,b\n")
    assert names(tmp_path, csv('; rml:compression rml:zip ; dh:archiveMember "two.csv"'), out.getvalue()) == ["b"]
    with pytest.raises(InputError):
        names(tmp_path, csv("; rml:compression rml:zip"), out.getvalue())


def test_what_is_not_gzip_though_the_mapping_says_so_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        names(tmp_path, csv("; rml:compression rml:gzip"), b"id,name\n1,a\n")
    assert refused.value.code == "unpack"


def test_prefixes_of_xpaths_are_those_of_the_mapping(tmp_path: Path) -> None:
    source = """rml:source "d.xml" ; rml:iterator "/x:all/x:one" ; rml:referenceFormulation [ a rml:XPathReferenceFormulation ;
        rml:namespace [ rml:namespacePrefix "x" ; rml:namespaceURL "urn:shop" ] ]"""
    data = b'<all xmlns="urn:shop"><one id="1"><name>a</name></one></all>'
    assert names(tmp_path, source, data, "d.xml", name="x:name", key="@id") == ["a"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (csv("; rml:encoding rml:UTF-99"), "UTF-99"),
        (csv("; rml:compression rml:rar"), "rar"),
        (csv("", 'csvw:delimiter ";;"'), "csvw:delimiter"),
        (csv("", 'csvw:skipRows "two"'), "csvw:skipRows"),
        (csv("", 'csvw:header "perhaps"'), "csvw:header"),
        (csv("", 'csvw:trim "both"'), "csvw:trim"),
        ('rml:source "a" ; rml:referenceFormulation rml:Excel', "Excel"),
        ("rml:source <#d> ; rml:referenceFormulation rml:SQL2008Table", "table"),
        (
            'rml:source [ dcat:accessURL <https://a.example/x> ; dh:paging [ dh:pageParameter "p" ; dh:nextLink true ] ]',
            "dh:paging",
        ),
        (
            "rml:source [ dcat:accessURL <https://a.example/x> ; "
            'dh:authentication [ dh:authenticationScheme "basic" ; dh:secretVariable "S" ] ]',
            "dh:userName",
        ),
        (
            "rml:source [ dcat:accessURL <https://a.example/x> ; "
            'htv:headers ( [ htv:fieldName "Authorization" ; htv:fieldValue "Bearer x" ] ) ]',
            "secret",
        ),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_with_the_word(source: str, told: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse(mapping(source))
    assert told in refused.value.message.en
    assert told in refused.value.message.fr
    assert refused.value.message.en.startswith(("m: ", "m, "))


def test_a_root_is_put_before_a_relative_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    source = f'rml:source [ a rml:RelativePathSource ; rml:root "{tmp_path / "sub"}" ; rml:path "d.csv" ]'
    assert names(tmp_path, source, b"id,name\n1,a\n", "sub/d.csv") == ["a"]


def source_of(text: str) -> LogicalSource:
    return parse(text).maps[0].source


@pytest.mark.parametrize(
    "described",
    [
        'rml:source <#db> ; rr:tableName "product"',
        'rml:source <#db> ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "product"',
    ],
)
def test_tables_of_old_and_new_vocabulary_are_the_same(described: str) -> None:
    stated = '<#db> d2rq:jdbcDSN "jdbc:postgresql://h/d" ; d2rq:username "me" ; d2rq:password "s3cret" .'
    source = source_of(mapping(described) + stated)
    assert source == LogicalSource(
        "db", "table", "product", origin=Database("db", "jdbc:postgresql://h/d", "me", "s3cret")
    )
    assert "s3cret" not in repr(source)


def test_queries_of_old_and_new_vocabulary_are_the_same() -> None:
    old = source_of(mapping('rml:source <#db> ; rml:query "SELECT 1"'))
    new = source_of(mapping('rml:source <#db> ; rml:referenceFormulation rml:SQL2008Query ; rml:iterator "SELECT 1"'))
    r2rml = source_of(mapping('rr:sqlQuery "SELECT 1"', logical="rr:logicalTable"))
    assert old == new == LogicalSource("db", "query", "SELECT 1", origin=Database("db"))
    assert (r2rml.formulation, r2rml.iterator) == ("query", "SELECT 1")


def test_no_database_is_reached_that_the_caller_did_not_name() -> None:
    stated = parse(mapping('rml:source <#db> ; rr:tableName "t"') + '<#db> d2rq:jdbcDSN "jdbc:sqlite:/etc/x.db" .')
    with pytest.raises(ForbiddenError) as refused:
        lift(stated)
    assert "--database" in (refused.value.fix.en if refused.value.fix else "")
    with pytest.raises(InputError) as absent:
        lift(stated, access=Access(stated=True))
    assert absent.value.code == "database-unreachable"


@pytest.mark.parametrize(
    "described",
    [
        '"https://a.example/d.csv"',
        "<https://a.example/d.csv>",
        "[ dcat:downloadURL <https://a.example/d.csv> ]",
        '[ td:hasPropertyAffordance [ td:hasForm [ hctl:hasTarget "https://a.example/d.csv" ] ] ]',
    ],
)
def test_web_addresses_in_every_spelling_need_leave(described: str) -> None:
    text = mapping(f"rml:source {described} ; rml:referenceFormulation rml:CSV")
    assert source_of(text).origin == Web("https://a.example/d.csv")
    with pytest.raises(ForbiddenError):
        lift(parse(text))
    with pytest.raises(ForbiddenError):
        lift(parse(text), access=Access(egress=Egress(hosts=frozenset({"b.example"}))))
