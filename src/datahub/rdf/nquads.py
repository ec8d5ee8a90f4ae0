"""N-Triples and N-Quads, read by columns (RDF 1.1 N-Triples section 2, N-Quads section 2).

Reads the plain layout that every machine writes: one statement a line, single spaces, no comments, absolute IRIs without escapes.
Anything else is left to the full parser.
"""

from __future__ import annotations

from typing import BinaryIO

import polars as pl

from datahub.rdf.frame import TERM_SCHEMA, TRIPLE_SCHEMA, Frame, empty
from datahub.rdf.rewrite import with_terms
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, LITERAL, XSD_STRING

_EXCLUDED = r'\x00-\x20<>"{}|^`\\\[\]%#\x7F-\x9F\x{E000}-\x{F8FF}\x{FFF0}-\x{FFFF}'
_CHARACTER = rf"(?:[^{_EXCLUDED}]|%[0-9A-Fa-f]{{2}})"
_AUTHORITY = rf"//(?:[^{_EXCLUDED}/?:@]|%[0-9A-Fa-f]{{2}})*(?::[0-9]*)?(?:[/?]{_CHARACTER}*)?"
_ROOTLESS = rf"/?(?:(?:[^{_EXCLUDED}/]|%[0-9A-Fa-f]{{2}}){_CHARACTER}*)?"
_ABSOLUTE = rf"<[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|{_ROOTLESS})(?:#{_CHARACTER}*)?>"
"""The IRIs of RFC 3987 section 2.2 that need no second look; the full parser has the last word on the others."""
_LABEL = r"_:[\p{L}\p{N}_](?:[\p{L}\p{N}_.\-\x{B7}]*[\p{L}\p{N}_\-\x{B7}])?"
_TEXT = r'"(?:[^"\\\n\r]|\\[tbnrf"\x27\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*"'
_NODE = f"^(?:{_ABSOLUTE}|{_LABEL})$"
_OBJECT = rf"^(?:{_ABSOLUTE}|{_LABEL}|{_TEXT}(?:@[A-Za-z]{{1,8}}(?:-[A-Za-z0-9]{{1,8}})*|\^\^{_ABSOLUTE})?)$"
_GRAPH = rf" ({_ABSOLUTE}|{_LABEL})$"

_CHUNK = 200_000
_ENDINGS = 64


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
    if _spelt_twice(texts):
        frame = with_terms(Frame(terms, triples), terms)
        terms, triples = frame.terms, frame.triples
    key = ["s", "p", "o", "g"] if triples["g"].null_count() < height else ["s", "p", "o"]
    return Frame(terms, triples.unique(key, keep="first", maintain_order=True))


def write(frame: Frame, out: BinaryIO, *, graphs: bool) -> None:
    """Writes the triples of ``frame`` in their order, with their graph names where ``graphs``."""
    nt = frame.ntriples_terms
    for part in frame.triples.iter_slices(_CHUNK):
        columns = [nt.gather(part[c]).alias(c) for c in "spo"]
        end = " .\n"
        if graphs and part["g"].null_count() < part.height:
            named = nt.gather(part["g"]).to_frame("g")
            columns.append(named.select((pl.col("g") + " .").fill_null(".")).to_series())
            end = "\n"
        pl.DataFrame(columns).write_csv(
            out, include_header=False, separator=" ", line_terminator=end, quote_style="never"
        )


def parsed_terms(texts: pl.Series) -> pl.DataFrame | None:
    """The terms written as ``texts``, in order, as a table of `TERM_SCHEMA`; None where an escape names no character."""
    text = pl.col("text")
    table = texts.to_frame("text").with_row_index("at")
    iri, blank = text.str.starts_with("<"), text.str.starts_with("_")
    parts = [
        _as_terms(table.filter(iri), IRI, text.str.strip_prefix("<").str.strip_suffix(">")),
        _as_terms(table.filter(blank), BLANK, text.str.strip_prefix("_:")),
    ]
    literals = table.filter(~iri & ~blank).with_columns(text.str.strip_prefix('"'))
    plain = text.str.ends_with('"')
    parts.append(_as_terms(literals.filter(plain), LITERAL, text.str.strip_suffix('"'), XSD_STRING))
    literals = literals.filter(~plain)
    for _ in range(_ENDINGS):  # one round for each datatype and language, of which there are few
        if literals.is_empty():
            break
        first = literals["text"][0]
        ending = first[first.rindex('"') :]
        same = text.str.ends_with(ending)
        language = ending[2:].lower() if ending.startswith('"@') else None
        datatype = LANG_STRING if language else ending[4:-1]
        parts.append(_as_terms(literals.filter(same), LITERAL, text.str.strip_suffix(ending), datatype, language))
        literals = literals.filter(~same)
    parts.append(_by_pattern(literals))
    terms = pl.concat(parts).sort("at")
    lexical = _unescaped(terms["lexical"])
    return None if lexical is None else terms.with_columns(lexical.alias("lexical")).select(list(TERM_SCHEMA))


def _as_terms(
    part: pl.DataFrame, kind: int, lexical: pl.Expr, datatype: str | None = None, language: str | None = None
) -> pl.DataFrame:
    return part.select(
        "at",
        pl.lit(kind, pl.UInt8).alias("kind"),
        lexical.alias("lexical"),
        pl.lit(datatype, pl.String).alias("datatype"),
        pl.lit(language, pl.String).alias("language"),
    )


def _by_pattern(literals: pl.DataFrame) -> pl.DataFrame:
    """The literals with a language or datatype that is left after the common ones."""
    text, ending = pl.col("text"), r'"(?:@([A-Za-z0-9\-]+)|\^\^<([^>]*)>)$'
    language = text.str.extract(ending, 1).str.to_lowercase()
    return literals.select(
        "at",
        pl.lit(LITERAL, pl.UInt8).alias("kind"),
        text.str.replace(ending, "").alias("lexical"),
        pl.when(language.is_not_null())
        .then(pl.lit(LANG_STRING))
        .otherwise(text.str.extract(ending, 2))
        .alias("datatype"),
        language.alias("language"),
    )


def _spelt_twice(texts: pl.Series) -> bool:
    """Whether one term may be there in two spellings: through optional escapes, a written xsd:string, or capitals in languages."""
    literals = texts.filter(texts.str.starts_with('"'))
    if literals.str.contains(r"\\[tbfuU\x27]").any():
        return True
    marked = literals.filter(~literals.str.ends_with('"'))
    capitals = marked.filter(~marked.str.ends_with(">")).str.contains(r'"@[a-z0-9\-]*[A-Z][A-Za-z0-9\-]*$')
    return bool(capitals.any() or marked.str.ends_with(f"<{XSD_STRING}>").any())


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
        missing_columns="insert",
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
