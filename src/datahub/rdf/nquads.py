"""N-Triples and N-Quads, read by columns (RDF 1.1 N-Triples section 2, N-Quads section 2).

Reads the plain layout that every machine writes: one statement a line, single spaces, no comments, absolute IRIs without escapes.
Anything else is left to the full parser.
"""

from __future__ import annotations

import io
from typing import BinaryIO

import polars as pl

from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame, empty
from datahub.rdf.rewrite import with_terms
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, LITERAL, XSD_STRING

_ABSOLUTE = r'<[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*>'
_LABEL = r"_:[\p{L}\p{N}_](?:[\p{L}\p{N}_.\-\x{B7}]*[\p{L}\p{N}_\-\x{B7}])?"
_TEXT = r'"(?:[^"\\\n\r]|\\[tbnrf"\x27\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*"'
_NODE = f"^(?:{_ABSOLUTE}|{_LABEL})$"
_OBJECT = rf"^(?:{_ABSOLUTE}|{_LABEL}|{_TEXT}(?:@[A-Za-z]{{1,8}}(?:-[A-Za-z0-9]{{1,8}})*|\^\^{_ABSOLUTE})?)$"
_GRAPH = rf" ({_ABSOLUTE}|{_LABEL})$"

_CHUNK = 100_000


def read(data: bytes, *, graphs: bool) -> Frame | None:
    """The frame of ``data`` (valid UTF-8), or None where it is not in the plain layout. ``graphs``: statements may name a graph."""
    if not data:
        return empty()
    columns = _columns(data, graphs=graphs)
    if columns is None:
        return None
    texts, codes = _dictionary(columns)
    if not _well_formed(texts, codes, columns):
        return None
    terms = parsed_terms(texts)
    if terms is None:
        return None
    height = columns["s"].len()
    triples = pl.DataFrame(
        {
            **codes,
            "g": codes.get("g", pl.repeat(None, height, dtype=pl.UInt32, eager=True)),
            "row": pl.repeat(None, height, dtype=pl.UInt32, eager=True),
        }
    ).select(list(TRIPLE_SCHEMA))
    frame = with_terms(Frame(terms, triples), terms)
    distinct = frame.triples.unique(["s", "p", "o", "g"], keep="first", maintain_order=True)
    return Frame(frame.terms, distinct)


def write(frame: Frame, out: BinaryIO, *, graphs: bool) -> None:
    """Writes the triples of ``frame`` in their order, with their graph names where ``graphs``."""
    nt = frame.ntriples_terms
    for part in frame.triples.iter_slices(_CHUNK):
        end = pl.repeat(".", part.height, eager=True)
        if graphs and part["g"].null_count() < part.height:
            named = nt.gather(part["g"])
            end = named.to_frame("g").select((pl.col("g") + " .").fill_null(".")).to_series()
        table = pl.DataFrame([*(nt.gather(part[c]).alias(c) for c in "spo"), end.alias("end")])
        chunk = io.BytesIO()
        table.write_csv(chunk, include_header=False, separator=" ", line_terminator="\n", quote_style="never")
        out.write(chunk.getbuffer())


def parsed_terms(texts: pl.Series) -> pl.DataFrame | None:
    """The terms written as ``texts``, in order, as a table of `TERM_SCHEMA`; None where an escape names no character."""
    text = pl.col("text")
    table = texts.to_frame("text").with_columns(
        pl.when(text.str.starts_with("<"))
        .then(pl.lit(IRI, pl.UInt8))
        .when(text.str.starts_with('"'))
        .then(pl.lit(LITERAL, pl.UInt8))
        .otherwise(pl.lit(BLANK, pl.UInt8))
        .alias("kind"),
        pl.when(text.str.starts_with('"'))
        .then(text.str.extract(r'"(?:@([A-Za-z0-9\-]+)|\^\^<[^>]*>)?$', 1))
        .alias("language"),
        pl.when(text.str.starts_with('"') & text.str.ends_with(">"))
        .then(text.str.extract(r"\^\^<([^>]*)>$", 1))
        .alias("datatype"),
    )
    inner = (
        pl.when(pl.col("kind") == IRI)
        .then(text.str.slice(1).str.head(-1))
        .when(pl.col("kind") == BLANK)
        .then(text.str.slice(2))
        .when(pl.col("language").is_not_null())
        .then(text.str.slice(1).str.replace(r'"@[A-Za-z0-9\-]+$', ""))
        .when(pl.col("datatype").is_not_null())
        .then(text.str.slice(1).str.replace(r'"\^\^<[^>]*>$', ""))
        .otherwise(text.str.slice(1).str.head(-1))
    )
    table = table.with_columns(inner.alias("lexical"))
    lexical = _unescaped(table["lexical"])
    if lexical is None:
        return None
    return table.select(
        "kind",
        lexical.alias("lexical"),
        pl.when(pl.col("language").is_not_null())
        .then(pl.lit(LANG_STRING))
        .when(pl.col("kind") == LITERAL)
        .then(pl.col("datatype").fill_null(XSD_STRING))
        .alias("datatype"),
        pl.col("language").str.to_lowercase(),
    ).select(list(TERM_SCHEMA))


_ESCAPES = {r"\\": "\\", r"\"": '"', r"\'": "'", r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\b": "\b", r"\f": "\f"}


def _unescaped(lexical: pl.Series) -> pl.Series | None:
    escaped = lexical.str.contains("\\", literal=True)
    if not escaped.any():
        return lexical
    places = escaped.arg_true()
    some = lexical.gather(places)
    by_code = some.str.contains(r"\\[uU]")
    plain = some.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    if by_code.any():
        try:
            decoded = [_decoded(text) for text in some.filter(by_code).to_list()]
        except ValueError:
            return None
        plain = plain.scatter(by_code.arg_true(), decoded)
    return lexical.scatter(places, plain)


def _decoded(text: str) -> str:
    """One text with numeric escapes; these are rare, so one at a time. Raises ValueError for what is no character."""
    out: list[str] = []
    at = 0
    while (back := text.find("\\", at)) >= 0:
        out.append(text[at:back])
        mark = text[back + 1]
        width = {"u": 4, "U": 8}.get(mark, 0)
        if width:
            number = int(text[back + 2 : back + 2 + width], 16)
            if 0xD800 <= number <= 0xDFFF:
                raise ValueError(number)
            out.append(chr(number))
        else:
            out.append(_ESCAPES["\\" + mark])
        at = back + 2 + width
    out.append(text[at:])
    return "".join(out)


def _columns(data: bytes, *, graphs: bool) -> dict[str, pl.Series] | None:
    """Subject, predicate, object (and graph) as written: cut at the first two spaces, the rest at the end."""
    lines = pl.read_lines(data).to_series()
    heads = pl.read_csv(
        data,
        has_header=False,
        separator=" ",
        quote_char=None,
        schema={"s": pl.String, "p": pl.String},
        truncate_ragged_lines=True,
        extra_columns="ignore",
    )
    if heads.height != len(lines) or not lines.str.ends_with(" .").all() or sum(heads.null_count().row(0)):
        return None
    skipped = pl.col("s").str.len_bytes() + pl.col("p").str.len_bytes() + 2
    length = pl.col("line").str.len_bytes()
    if not heads.with_columns(lines.alias("line")).select((length >= skipped + 2).all()).item():
        return None
    rest = (
        heads.with_columns(lines.alias("line"))
        .select(pl.col("line").cast(pl.Binary).bin.slice(skipped, length - skipped - 2).cast(pl.String).alias("rest"))
        .to_series()
    )
    if not graphs:
        return {"s": heads["s"], "p": heads["p"], "o": rest}
    graph = rest.str.extract(_GRAPH, 1)
    if graph.null_count() < len(graph):
        rest = rest.to_frame("rest").select(pl.col("rest").str.replace(_GRAPH, "")).to_series()
    return {"s": heads["s"], "p": heads["p"], "o": rest, "g": graph}


def _dictionary(columns: dict[str, pl.Series]) -> tuple[pl.Series, dict[str, pl.Series]]:
    """The distinct texts, and each column as positions in them."""
    keys = {name: column.hash() for name, column in columns.items()}
    parts = [pl.DataFrame({"key": keys[name], "text": column}).unique("key") for name, column in columns.items()]
    table = pl.concat(parts).drop_nulls().unique("key", maintain_order=True)
    index = table.select("key").with_row_index("code")
    codes = {}
    for name, column in columns.items():
        code = keys[name].to_frame("key").join(index, on="key", how="left", maintain_order="left")["code"]
        if column.null_count():
            code = code.to_frame("code").select(pl.when(column.is_not_null()).then("code")).to_series()
        if not table["text"].gather(code).eq_missing(column).all():
            raise RuntimeError("two RDF terms share a 64-bit key")
        codes[name] = code
    return table["text"], codes


def _well_formed(texts: pl.Series, codes: dict[str, pl.Series], columns: dict[str, pl.Series]) -> bool:
    for name, pattern in (("s", _NODE), ("p", f"^{_ABSOLUTE}$"), ("o", _OBJECT), ("g", _NODE)):
        if name in columns:
            used = texts.gather(codes[name].drop_nulls().unique())
            if not used.str.contains(pattern).all():
                return False
    return True
