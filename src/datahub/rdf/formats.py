"""RDF as text: the six formats that are read and written, one table for all.

N-Triples and N-Quads are read and written by columns; the grammars of the others are pyoxigraph's, whose output goes through
N-Quads into columns again. Guards (`datahub.rdf.guards`) run before any parser.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyoxigraph as ox

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.rdf import guards, jsonld, nquads, syntax
from datahub.rdf.contexts import inline
from datahub.rdf.frame import TRIPLE_SCHEMA, Frame
from datahub.rdf.guards import DEFAULT, Limits
from datahub.rdf.jsonld import Context
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, LITERAL, PREFIXES, RDF_TYPE, XSD_STRING

_NO_BASE = "https://relative.invalid/"
"""Stands for the base that is missing, so that relative IRIs can be found and named instead of dropped (RFC 6761: .invalid)."""


@dataclass(frozen=True)
class Format:
    """One RDF syntax. ``graphs``: it can name graphs; writing to others merges them."""

    name: str
    title: str
    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    oxigraph: ox.RdfFormat
    graphs: bool = False


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("nt", "N-Triples", ("application/n-triples", "text/plain"), ("nt",), ox.RdfFormat.N_TRIPLES),
        Format("nq", "N-Quads", ("application/n-quads",), ("nq",), ox.RdfFormat.N_QUADS, graphs=True),
        Format("ttl", "Turtle", ("text/turtle", "application/x-turtle"), ("ttl", "turtle"), ox.RdfFormat.TURTLE),
        Format("trig", "TriG", ("application/trig",), ("trig",), ox.RdfFormat.TRIG, graphs=True),
        Format("rdfxml", "RDF/XML", ("application/rdf+xml",), ("rdf", "owl", "rdfxml"), ox.RdfFormat.RDF_XML),
        Format(
            "jsonld",
            "JSON-LD",
            ("application/ld+json", "application/json"),
            ("jsonld", "json"),
            ox.RdfFormat.JSON_LD,
            graphs=True,
        ),
    )
}


def format_for(hint: str) -> Format:
    """The format by its name, media type (parameters allowed), file extension or file name.

    Raises `InputError` ``format-unknown``, which lists those that there are.
    """
    plain = hint.split(";")[0].strip().lower()
    extension = plain.rpartition(".")[2]
    for known in FORMATS.values():
        if plain == known.name or plain in known.media_types or extension in known.extensions:
            return known
    names = ", ".join(FORMATS)
    raise InputError(
        "format-unknown",
        Text(f"“{hint}” is not an RDF format that is known here.", f"« {hint} » n'est pas un format RDF connu ici."),
        Text(f"Known are: {names}.", f"Formats connus : {names}."),
    )


def parse(
    data: bytes | Path,
    format: str | Format,  # noqa: A002 (the field's own word)
    base: str | None = None,
    contexts: Mapping[str, bytes] | None = None,
    limits: Limits = DEFAULT,
) -> Frame:
    """The RDF in ``data``. ``base`` resolves relative IRIs; ``contexts`` are the JSON-LD contexts by address, the only ones used.

    Raises `InputError`: ``too-large``, ``too-many-triples``, ``too-long-written-out``, ``too-deep``, ``encoding``, ``xml-doctype``,
    ``context-refused``, ``relative-iri``, ``syntax`` (with line and column), ``unsupported`` (RDF 1.2 terms), ``format-unknown``.
    """
    known = format if isinstance(format, Format) else format_for(format)
    if isinstance(data, Path) and not data.is_file():
        data = _bytes(data, limits)  # a pipe can be read only once
    if known.name in ("nt", "nq"):
        with _opened(data, limits) as file:
            plain_layout = nquads.read(file, graphs=known.graphs)
        if plain_layout is not None:
            guards.check_triples(len(plain_layout), limits)
            return plain_layout
    text = _guarded(_bytes(data, limits), known, contexts or {}, limits)
    resolving = None if known.name in ("nt", "nq") else base or _NO_BASE
    plain = guards.Expansion(limits, len(text))
    try:
        ox.serialize(ox.parse(text, known.oxigraph, base_iri=resolving), plain, format=ox.RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise syntax.explained(error, text, known.title) from None
    frame = nquads.read(plain, graphs=True)
    if frame is None:
        raise InputError(
            "unsupported",
            Text(
                "The data uses terms of RDF 1.2 (triples as terms, text directions), which are not read yet.",
                "Les données utilisent des termes de RDF 1.2 (triplets cités, sens d'écriture), qui ne sont pas encore lus.",
            ),
        )
    if base is None:
        _refuse_relative(frame)
    return frame


def undefined_members(
    data: bytes | Path, contexts: Mapping[str, bytes] | None = None, limits: Limits = DEFAULT
) -> pl.DataFrame:
    """The members and types of a JSON-LD document that its context does not define, which reading it therefore leaves out.

    Columns member and count (how many values), the most frequent first. Raises `InputError` as `parse` does.
    """
    text = _guarded(_bytes(data, limits), FORMATS["jsonld"], contexts or {}, limits)
    probe = b'{"@context": {"@vocab": "%s"}, "@graph": %s}' % (_NO_BASE.encode(), text)
    frame = parse(probe, "jsonld", base="https://base.invalid/", limits=limits)
    lexical = frame.terms["lexical"]
    used = pl.concat([lexical.gather(frame.triples["p"]), lexical.gather(frame.predicate(RDF_TYPE)["o"])])
    members = used.filter(used.str.starts_with(_NO_BASE)).str.slice(len(_NO_BASE)).alias("member")
    return members.value_counts(name="count").sort(["count", "member"], descending=[True, False])


def write(
    frame: Frame,
    format: str | Format,  # noqa: A002
    *,
    prefixes: Mapping[str, str] = PREFIXES,
    context: Context | None = None,
) -> bytes:
    """``frame`` as text; see `write_to`."""
    out = io.BytesIO()
    write_to(frame, format, out, prefixes=prefixes, context=context)
    return out.getvalue()


def write_to(
    frame: Frame,
    format: str | Format,  # noqa: A002
    out: BinaryIO,
    *,
    prefixes: Mapping[str, str] = PREFIXES,
    context: Context | None = None,
) -> None:
    """Writes ``frame``: N-Triples and N-Quads in frame order, the others sorted by subject, types first.

    Turtle, TriG and RDF/XML use those of ``prefixes`` that occur; JSON-LD is compacted with ``context``, or with ``prefixes`` where
    there is none. Raises `InputError` ``not-expressible`` for what the format can't hold.
    """
    known = format if isinstance(format, Format) else format_for(format)
    if not known.graphs:
        frame = _merged(frame)
    if known.name in ("nt", "nq"):
        nquads.write(frame, out, graphs=known.graphs)
        return
    if known.name == "jsonld":
        out.write(jsonld.write(frame, context or Context.of_prefixes(_used(frame, prefixes))))
        return
    if known.name == "rdfxml":
        frame = _fit_for_xml(frame)
    plain = io.BytesIO()
    nquads.write(_sorted(frame), plain, graphs=known.graphs)
    quads: Iterable[ox.Quad] = ox.parse(plain.getvalue(), ox.RdfFormat.N_QUADS, lenient=True)
    items = quads if known.graphs else (quad.triple for quad in quads)
    text = ox.serialize(items, format=known.oxigraph, prefixes=_used(frame, prefixes)) or b""
    out.write(_named_elements(text) if known.name == "rdfxml" else _prefixes_in_order(text))


def _opened(data: bytes | Path, limits: Limits) -> BinaryIO:
    if not isinstance(data, Path):
        guards.check_size(len(data), limits)
        return io.BytesIO(data)
    try:
        guards.check_size(data.stat().st_size, limits)
        return data.open("rb")
    except OSError:
        raise InputError(
            "file-missing",
            Text("This file is missing or can't be read.", "Ce fichier est absent ou illisible."),
            place=Place(file=data.name),
        ) from None


def _bytes(data: bytes | Path, limits: Limits) -> bytes:
    with _opened(data, limits) as file:
        return file.read()


def _guarded(data: bytes, known: Format, contexts: Mapping[str, bytes], limits: Limits) -> bytes:
    if known.name == "rdfxml":
        guards.check_xml(data, limits)
        return guards.xml_in_utf8(data)
    text = guards.check_utf8(data)
    if known.name == "jsonld":
        guards.check_json_depth(text, limits)
        return inline(text.decode(), contexts, limits).encode()
    if known.name in ("ttl", "trig"):
        guards.check_turtle_depth(text, limits)
    return text


def _refuse_relative(frame: Frame) -> None:
    iris = frame.terms.filter(pl.col("kind") == IRI)["lexical"]
    typed = frame.terms["datatype"].drop_nulls().unique()
    relative = [iri.filter(iri.str.starts_with(_NO_BASE)) for iri in (iris, typed)]
    names = pl.concat(relative).str.slice(len(_NO_BASE)).sort().to_list()
    if names:
        shown = ", ".join(f"<{name}>" for name in names[:3])
        raise InputError(
            "relative-iri",
            Text(
                f"These addresses are relative, and nothing says to what: {shown}.",
                f"Ces adresses sont relatives, sans base connue : {shown}.",
            ),
            Text("Write whole addresses, or declare a base.", "Écrivez des adresses complètes, ou déclarez une base."),
            Place(value=names[0]),
        )


def _merged(frame: Frame) -> Frame:
    graphs = frame.triples["g"]
    if graphs.null_count() == len(graphs):
        return frame
    triples = frame.triples.with_columns(pl.lit(None, pl.UInt32).alias("g"))
    return Frame(
        frame.terms, triples.unique(["s", "p", "o"], keep="first", maintain_order=True).select(list(TRIPLE_SCHEMA))
    )


def _sorted(frame: Frame) -> Frame:
    """The triples by graph and subject in code point order, each subject's types first."""
    rank = frame.terms.select(pl.col("lexical").rank("dense")).to_series()
    t = frame.triples
    predicate = rank.gather(t["p"])
    if (type_code := frame.iri(RDF_TYPE)) is not None:
        predicate = predicate.zip_with(t["p"] != type_code, pl.repeat(0, t.height, dtype=predicate.dtype, eager=True))
    keys = pl.DataFrame(
        {"g": rank.gather(t["g"]), "s": rank.gather(t["s"]), "p": predicate, "o": rank.gather(t["o"]), "code": t["o"]}
    )
    return Frame(frame.terms, t[keys.select(pl.arg_sort_by("g", "s", "p", "o", "code", nulls_last=False)).to_series()])


def _prefixes_in_order(text: bytes) -> bytes:
    """``text`` with the lines of its prefixes sorted: pyoxigraph writes them in any order, but equal data should be equal files."""
    end = 0
    while text.startswith(b"@prefix ", end):
        end = text.index(b"\n", end) + 1
    return b"".join(sorted(text[:end].splitlines(keepends=True))) + text[end:]


_NAMELESS = re.compile(rb"<([\w.-]+):((?: [^<>]*)?)>|</[\w.-]+:>")
_DECLARED = re.compile(rb' xmlns:([\w.-]+)="([^"]*)"')


def _named_elements(text: bytes) -> bytes:
    """``text`` with classes as properties whose IRIs end in nothing that can be the name of an element (``http://e/1``): pyoxigraph
    writes elements without a name for them (``<p: xmlns:p="http://e/1">``), which is no XML (RDF 1.1 XML Syntax section 2.13)."""
    head = text[: text.find(b">", text.find(b"<rdf:RDF")) + 1]
    spaces = dict(_DECLARED.findall(head))

    def named(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return b"</rdf:Description>"
        own = {**spaces, **dict(_DECLARED.findall(found[2]))}
        return b'<rdf:Description%b>\n\t\t<rdf:type rdf:resource="%b"/>' % (_DECLARED.sub(b"", found[2]), own[found[1]])

    return _NAMELESS.sub(named, text)


def _used(frame: Frame, prefixes: Mapping[str, str]) -> dict[str, str]:
    """Those of ``prefixes`` that shorten an IRI of ``frame`` (every syntax has a word of its own for rdf:type)."""
    iris = frame.terms.select(pl.when(pl.col("kind") == IRI).then("lexical").otherwise("datatype").alias("iri"))["iri"]
    spaces = (
        iris.filter(~iris.is_in([RDF_TYPE, XSD_STRING, LANG_STRING]))
        .str.extract(r"^(.*[/#:])", 1)
        .drop_nulls()
        .unique()
    )
    return {prefix: space for prefix, space in prefixes.items() if spaces.str.starts_with(space).any()}


def _fit_for_xml(frame: Frame) -> Frame:
    """``frame`` with blank node labels that are XML names. Raises `InputError` for what XML can't hold."""
    frame = frame.compact()
    terms = frame.terms
    predicates = terms["lexical"].gather(frame.triples["p"].unique())
    wrong = predicates.filter(~predicates.str.contains(r"[/#:][\p{L}_][\p{L}\p{N}_.\-]*$"))
    if len(wrong):
        raise _not_expressible(
            Text("RDF/XML can't write this property", "Le RDF/XML ne peut écrire cette propriété"), wrong.sort()[0]
        )
    literals = terms.filter(pl.col("kind") == LITERAL)["lexical"]
    control = literals.filter(literals.str.contains("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"))
    if len(control):
        raise _not_expressible(
            Text(
                "XML can't write the control character in this text",
                "Le XML ne peut écrire le caractère de contrôle de ce texte",
            ),
            control[0],
        )
    label = pl.concat_str([pl.lit("b"), pl.row_index()])
    return Frame(
        terms.with_columns(pl.when(pl.col("kind") == BLANK).then(label).otherwise("lexical").alias("lexical")),
        frame.triples,
    )


def _not_expressible(what: Text, value: str) -> InputError:
    shown = value[:80]
    return InputError(
        "not-expressible",
        Text(f"{what.en}: {shown!r}.", f"{what.fr} : {shown!r}."),
        Text("Use another format, such as Turtle.", "Utilisez un autre format, comme Turtle."),
        Place(value=shown),
    )
