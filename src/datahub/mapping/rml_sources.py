"""Logical sources of an RML document: where rows come from and how they are written.

Files (paths, `RML-IO <https://w3id.org/rml/io/spec>`_ access properties, CSVW tables and dialects, DCAT distributions), relational
tables and queries (R2RML, `rml:SQL2008Table`, `rml:SQL2008Query`, D2RQ connections), and web addresses (plain, Web of Things
forms, and `dh:` for paging and authentication).
"""

from __future__ import annotations

import codecs
import dataclasses
from pathlib import PurePath
from typing import cast

import pyoxigraph as ox

from datahub.i18n import Text
from datahub.mapping.model import LogicalSource, local
from datahub.mapping.rml_document import Document, Node, identifier_of, text_of
from datahub.sources import csv
from datahub.sources.access import Authentication, Database, Paging, Web

_FORMULATIONS = {
    "CSV": "csv",
    "JSONPath": "json",
    "XPath": "xml",
    "XPathReferenceFormulation": "xml",
    "SQL2008Query": "query",
    "SQL2008Table": "table",
}
_OLD_FORMULATIONS = "http://semweb.mmlab.be/ns/ql#"
_START = {"json": "$", "xml": "/*"}
_COMPRESSIONS = ("gzip", "zip", "targz", "tarxz")
_WEB = ("http://", "https://")


def logical_source(document: Document, node: Node) -> LogicalSource:
    """The logical source or R2RML logical table that ``node`` describes (RML-IO section 3, R2RML section 5)."""
    if any(name in document.properties(node) for name in ("tableName", "sqlQuery", "query")):
        return _relational(document, node)
    properties = document.properties(node)
    formulation, formulation_node = _formulation(document, node)
    if formulation in ("query", "table"):
        return _relational(document, node)
    if "source" not in properties:
        raise document.problem(
            "mapping-source", "the logical source has no rml:source.", "la source logique n'a pas de rml:source."
        )
    source = properties["source"][0]
    # Data that is not in a file of ours is described by an IRI or a node; a plain literal is a path or an address.
    name, web = _location(document, source)
    iterator = document.value(node, "iterator") or _START.get(formulation)
    old = formulation_node is None or text_of(formulation_node).startswith(_OLD_FORMULATIONS)
    return LogicalSource(
        name,
        formulation,
        iterator,
        tuple(sorted({*_texts(document, source, "null"), *_csvw_nulls(document, source)})),
        _encoding(document, source),
        typed=not (old and formulation == "json"),
        dialect=_dialect(document, source) if formulation == "csv" else None,
        compression=_compression(document, source),
        member=document.value(source, "dh:archiveMember"),
        origin=web,
        namespaces=_namespaces(document, formulation_node),
    )


def _formulation(document: Document, node: Node) -> tuple[str, Node | None]:
    """The reference formulation by our name, and its node."""
    given = document.properties(node).get("referenceFormulation")
    if not given:
        return "csv", None
    types = document.types.get(given[0], set())
    name = next((each for each in (*types, local(text_of(given[0]))) if each in _FORMULATIONS), None)
    if name is None:
        shown = local(text_of(given[0]))
        raise document.problem(
            "mapping-formulation",
            f"the reference formulation “{shown}” is unknown; CSV, JSONPath, XPath, SQL2008Table and SQL2008Query "
            "were expected.",
            f"la formulation de référence « {shown} » est inconnue ; CSV, JSONPath, XPath, SQL2008Table et SQL2008Query "
            "sont attendues.",
        )
    return _FORMULATIONS[name], given[0]


def _location(document: Document, source: Node) -> tuple[str, Web | None]:
    """The name of a source that is no database, and its web address where it has one."""
    form = _form(document, source)
    given = (document.value(form, "hctl:hasTarget", "htv:absoluteURI") if form is not None else None) or document.value(
        source, "path", "csvw:url", "dcat:downloadURL", "dcat:accessURL"
    )
    text = given if given is not None else text_of(source)
    root = document.value(source, "root")
    if root is not None and local(root) not in ("MappingDirectory", "CurrentWorkingDirectory"):
        text = str(PurePath(root) / text)
    if text.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        text = unquote(urlsplit(text).path)
    if not text.startswith(_WEB):
        return text, None
    return text, Web(
        text, _paging(document, source), _authentication(document, source), _headers(document, source, form)
    )


def _form(document: Document, source: Node) -> Node | None:
    """The form of a Web of Things description (https://www.w3.org/TR/wot-thing-description11/#form)."""
    for property_node in document.properties(source).get("td:hasPropertyAffordance", ()):
        for form in document.properties(property_node).get("td:hasForm", ()):
            return form
    return None


def _headers(document: Document, source: Node, form: Node | None) -> tuple[tuple[str, str], ...]:
    listed = [
        item
        for holder in (source, form)
        if holder is not None
        for node in document.properties(holder).get("htv:headers", ())
        for item in document.items(node)
    ]
    found = []
    for node in listed:
        name, value = (
            document.value(node, "htv:fieldName"),
            document.value(node, "htv:fieldValue"),
        )
        if name is None or value is None:
            raise document.problem(
                "mapping-web", "a header needs a name and a value.", "un en-tête demande un nom et une valeur."
            )
        if name.lower() in ("authorization", "cookie", "proxy-authorization", "x-api-key"):
            raise document.problem(
                "mapping-secret",
                f"the header “{name}” would hold a secret; a mapping names the environment variable that holds it.",
                f"l'en-tête « {name} » contiendrait un secret ; un mapping nomme la variable d'environnement qui le contient.",
                Text(
                    'Use dh:authentication [ dh:authenticationScheme "bearer" ; dh:secretVariable "NAME" ].',
                    'Utilisez dh:authentication [ dh:authenticationScheme "bearer" ; dh:secretVariable "NOM" ].',
                ),
            )
        found.append((name, value))
    return tuple(found)


def _paging(document: Document, source: Node) -> Paging | None:
    given = document.properties(source).get("dh:paging")
    if not given:
        return None
    node = given[0]
    size = document.value(node, "dh:sizeParameter")
    first, count = document.value(node, "dh:firstPage"), document.value(node, "dh:pageSize")
    page, offset = document.value(node, "dh:pageParameter"), document.value(node, "dh:offsetParameter")
    member = document.value(node, "dh:nextMember")
    link = document.value(node, "dh:nextLink") == "true"
    numbers_are = all(each is None or each.isdigit() for each in (first, count))
    if sum((link, bool(member), bool(page), bool(offset))) != 1 or not numbers_are or (size and not count):
        raise document.problem(
            "mapping-paging",
            "dh:paging takes one of dh:nextLink, dh:nextMember, dh:pageParameter and dh:offsetParameter; dh:sizeParameter comes "
            "with a whole number as dh:pageSize.",
            "dh:paging prend l'un de dh:nextLink, dh:nextMember, dh:pageParameter et dh:offsetParameter ; dh:sizeParameter "
            "va avec un nombre entier dans dh:pageSize.",
        )
    return Paging(link, member, page, offset, int(first or 1), (size, int(count or 0)) if size else None)


def _authentication(document: Document, source: Node) -> Authentication | None:
    given = document.properties(source).get("dh:authentication")
    if not given:
        return None
    scheme, secret = (
        document.value(given[0], "dh:authenticationScheme") or "bearer",
        document.value(given[0], "dh:secretVariable"),
    )
    user, header = document.value(given[0], "dh:userName"), document.value(given[0], "dh:headerName")
    complete = {"bearer": True, "basic": user is not None, "header": header is not None}
    if secret is None or not complete.get(scheme, False):
        raise document.problem(
            "mapping-authentication",
            "dh:authentication takes dh:authenticationScheme “bearer”, “basic” (with dh:userName) or “header” (with "
            "dh:headerName), and in dh:secretVariable the name of an environment variable.",
            "dh:authentication prend dh:authenticationScheme « bearer », « basic » (avec dh:userName) ou « header » (avec "
            "dh:headerName), et dans dh:secretVariable le nom d'une variable d'environnement.",
        )
    return Authentication(scheme, secret, user, header)


# Databases


def _relational(document: Document, node: Node) -> LogicalSource:
    """An R2RML logical table, or an RML source whose formulation is SQL (R2RML section 5; a query goes before a table's name)."""
    query, table = document.value(node, "query", "sqlQuery"), document.value(node, "tableName")
    formulation, _ = _formulation(document, node)
    iterator = document.value(node, "iterator")
    if query is None and table is None:
        query, table = (iterator, None) if formulation == "query" else (None, iterator)
    text = query if query is not None else table
    if not text or not text.strip():
        raise document.problem(
            "mapping-source-sql",
            "the name of a table or a query is missing.",
            "il manque le nom d'une table ou une requête.",
        )
    given = document.properties(node).get("source")
    stated = [each for each in document.nodes if any(key.startswith("d2rq:") for key in document.nodes[each])]
    source = given[0] if given else stated[0] if len(stated) == 1 else None
    nulls = tuple(sorted(_texts(document, source, "null"))) if source is not None else ()
    return LogicalSource(
        _database_name(source), "table" if query is None else "query", text, nulls, origin=_database(document, source)
    )


def _database_name(source: Node | None) -> str:
    return "database" if source is None or isinstance(source, ox.BlankNode) else local(identifier_of(source))


def _database(document: Document, source: Node | None) -> Database:
    """The database that ``source`` describes in D2RQ (http://d2rq.org/d2rq-language#database)."""
    name = _database_name(source)
    dsn = document.value(source, "d2rq:jdbcDSN") if source is not None else None
    if source is None or dsn is None:
        return Database(name)
    return Database(name, dsn, document.value(source, "d2rq:username"), document.value(source, "d2rq:password"))


# Files


def _texts(document: Document, node: Node, name: str) -> list[str]:
    return [text_of(value) for value in document.properties(node).get(name, ())]


def _csvw_nulls(document: Document, source: Node) -> list[str]:
    """The null tokens of a CSVW table, its schema and its columns (Metadata Vocabulary for Tabular Data section 5.7)."""
    found = _texts(document, source, "csvw:null")
    for schema in document.properties(source).get("csvw:tableSchema", ()):
        found += _texts(document, schema, "csvw:null")
        for column in _columns(document, schema):
            found += _texts(document, column, "csvw:null")
    return found


def _columns(document: Document, schema: Node) -> list[Node]:
    return [item for node in document.properties(schema).get("csvw:column", ()) for item in document.items(node)]


def _encoding(document: Document, source: Node) -> str | None:
    """The encoding as Python names it. Those of RML are IRIs (rml:UTF-8)."""
    given = document.value(source, "encoding", "csvw:encoding")
    for dialect in document.properties(source).get("csvw:dialect", ()):
        given = given or document.value(dialect, "csvw:encoding")
    if given is None:
        return None
    try:
        return codecs.lookup(local(given)).name
    except LookupError:
        raise document.problem(
            "mapping-encoding",
            f"the encoding “{local(given)}” is unknown; one like UTF-8 or windows-1252 was expected.",
            f"l'encodage « {local(given)} » est inconnu ; on attend par exemple UTF-8 ou windows-1252.",
        ) from None


def _compression(document: Document, source: Node) -> str | None:
    given = document.value(source, "compression")
    kind = local(given) if given is not None else "none"
    if kind != "none" and kind not in _COMPRESSIONS:
        raise document.problem(
            "mapping-compression",
            f"the compression “{kind}” is unknown; {', '.join(_COMPRESSIONS)} were expected.",
            f"la compression « {kind} » est inconnue ; {', '.join(_COMPRESSIONS)} sont attendues.",
        )
    return None if kind == "none" else kind


def _namespaces(document: Document, formulation: Node | None) -> tuple[tuple[str, str], ...]:
    """The prefixes that XPaths use (RML-IO section 3.1); an empty one is that of names without prefix."""
    found = []
    for node in document.properties(formulation).get("namespace", ()) if formulation is not None else ():
        prefix, url = document.value(node, "namespacePrefix"), document.value(node, "namespaceURL")
        if prefix is None or url is None:
            raise document.problem(
                "mapping-namespace",
                "an rml:namespace needs rml:namespacePrefix and rml:namespaceURL.",
                "un rml:namespace demande rml:namespacePrefix et rml:namespaceURL.",
            )
        found.append((prefix, url))
    return tuple(sorted(found))


def _dialect(document: Document, source: Node) -> csv.Dialect | None:
    """The CSVW dialect of a table (Metadata Vocabulary for Tabular Data section 5.9); None where none is described."""
    given = document.properties(source).get("csvw:dialect")
    schemas = document.properties(source).get("csvw:tableSchema", ())
    names = tuple(
        name
        for schema in schemas
        for column in _columns(document, schema)
        if (name := document.value(column, "csvw:name", "csvw:title", "csvw:titles")) is not None
    )
    if not given and not names:
        return None
    node = given[0] if given else source
    standard = csv.BARE

    def boolean(name: str, default: bool) -> bool:
        text = document.value(node, name)
        if text not in (None, "true", "false", "1", "0"):
            raise _bad_dialect(document, name, text or "")
        return default if text is None else text in ("true", "1")

    def number(name: str, default: int) -> int:
        text = document.value(node, name)
        if text is not None and not text.isdigit():
            raise _bad_dialect(document, name, text)
        return default if text is None else int(text)

    def mark(name: str, default: str) -> str:
        text = document.value(node, name)
        if text is not None and (len(text) > 1 or not text.isascii()):
            raise _bad_dialect(document, name, text)
        return default if text is None else text

    header = boolean("csvw:header", default=True)
    rows = number("csvw:headerRowCount", 1 if header else 0)
    trim = document.value(node, "csvw:trim")
    if trim not in (None, "true", "false", "start", "end"):
        raise _bad_dialect(document, "csvw:trim", trim or "")
    skip_initial = boolean("csvw:skipInitialSpace", default=False)
    delimiter = mark("csvw:delimiter", "")
    return dataclasses.replace(
        standard,
        delimiters=(delimiter,) if delimiter else standard.delimiters,
        quote=mark("csvw:quoteChar", standard.quote),
        header_rows=rows,
        header_row=1,
        skip_rows=number("csvw:skipRows", 0),
        skip_columns=number("csvw:skipColumns", 0),
        comment=document.value(node, "csvw:commentPrefix") or "",
        double_quote=boolean("csvw:doubleQuote", default=True),
        trim=cast("csv.Trim", trim or ("start" if skip_initial else "false")),
        names=() if rows else names,
    )


def _bad_dialect(document: Document, name: str, value: str) -> Exception:
    return document.problem(
        "mapping-dialect",
        f"“{value}” is no value for {name}.",
        f"« {value} » n'est pas une valeur possible de {name}.",
    )
