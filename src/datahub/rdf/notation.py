"""Terms as N-Triples writes them (RDF 1.1 N-Triples section 2): what is well formed, and what each text says."""

from __future__ import annotations

import numpy as np
import polars as pl

from datahub.rdf.frame import TERM_SCHEMA
from datahub.rdf.terms import BLANK, IRI, LANG_STRING, LITERAL, XSD_STRING

_EXCLUDED = r'\x00-\x20<>"{}|^`\\\[\]%#\x7F-\x9F\x{E000}-\x{F8FF}\x{FFF0}-\x{FFFF}'
_CHARACTER = rf"(?:[^{_EXCLUDED}]|%[0-9A-Fa-f]{{2}})"
_AUTHORITY = rf"//(?:[^{_EXCLUDED}/?:@]|%[0-9A-Fa-f]{{2}})*(?::[0-9]*)?(?:[/?]{_CHARACTER}*)?"
_ROOTLESS = rf"/?(?:(?:[^{_EXCLUDED}/]|%[0-9A-Fa-f]{{2}}){_CHARACTER}*)?"
_ABSOLUTE = rf"<[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|{_ROOTLESS})(?:#{_CHARACTER}*)?>"
"""The IRIs of RFC 3987 section 2.2 that need no second look; the full parser has the last word on the others."""
_LABEL = r"_:[\p{L}\p{N}_](?:[\p{L}\p{N}_.\-\x{B7}]*[\p{L}\p{N}_\-\x{B7}])?"
_TEXT = r'"(?:[^"\\\n\r]|\\[tbnrf"\x27\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*"'
_TERM = rf"^(?:{_ABSOLUTE}|{_LABEL}|{_TEXT}(?:@[A-Za-z]{{1,8}}(?:-[A-Za-z0-9]{{1,8}})*|\^\^{_ABSOLUTE})?)$"

_ENDINGS = 64
_ENDING = r'("(?:@[A-Za-z0-9\-]+|\^\^<[^>]*>))$'


def well_formed(texts: pl.Series) -> bool:
    """Whether each of ``texts`` is a term in a plain spelling: IRIs are absolute and without escapes."""
    matches = texts.to_frame("text").lazy().select(pl.col("text").str.contains(_TERM).all())
    return bool(matches.collect(engine="streaming").item())  # that engine shares the work among all cores


def parsed(texts: pl.Series) -> tuple[pl.DataFrame, bool] | None:
    """The terms written as well-formed ``texts``, in order, as a table of `TERM_SCHEMA`; None where an escape names no character.

    The second value says whether one term may be there in two spellings: through optional escapes, a written ``xsd:string``, or
    capitals in languages.
    """
    endings, shape = _shapes(texts)
    lexical = _lexical(texts, endings, shape)
    unescaped = _unescaped(lexical, shape)
    if unescaped is None:
        return None
    lexical, optional = unescaped
    forms = pl.DataFrame([_form(ending) for ending in endings], schema=_FORM_SCHEMA, orient="row")
    table = forms[shape].insert_column(1, lexical.alias("lexical")).select(list(TERM_SCHEMA))
    twice = any(
        ending.endswith(f"^^<{XSD_STRING}>") or (ending[1:2] == "@" and not ending.islower()) for ending in endings
    )
    return table, optional or twice


_FORM_SCHEMA = {name: dtype for name, dtype in TERM_SCHEMA.items() if name != "lexical"}
_OPENINGS = ("<", "_:", '"')
_CLOSED = (">", "", '"')
"""What ends an IRI, a blank node and a plain literal: the first three endings."""


def _form(ending: str) -> tuple[int, str | None, str | None]:
    if ending in (">", ""):
        return (IRI if ending else BLANK), None, None
    if ending == '"':
        return LITERAL, XSD_STRING, None
    return (LITERAL, LANG_STRING, ending[2:].lower()) if ending[1] == "@" else (LITERAL, ending[4:-1], None)


def _shapes(texts: pl.Series) -> tuple[list[str], pl.Series]:
    """The endings that occur, and for each text the number of its own; the first three are those of `_CLOSED`."""
    shape = np.full(len(texts), LITERAL, np.uint32)
    shape[texts.str.starts_with("<").to_numpy()] = IRI
    shape[texts.str.starts_with("_").to_numpy()] = BLANK
    marked = (pl.Series(shape == LITERAL) & ~texts.str.ends_with('"')).arg_true()
    rest = texts.gather(marked)
    endings = list(_CLOSED)
    while len(rest) and len(endings) < _ENDINGS:  # one round for each datatype and language, of which there are few
        first = rest[0]
        ending = first[first.rindex('"') :]
        same = rest.str.ends_with(ending)
        shape[marked.filter(same).to_numpy()] = len(endings)
        endings.append(ending)
        marked, rest = marked.filter(~same), rest.filter(~same)
    if len(rest):
        own = rest.str.extract(_ENDING, 1)
        found = own.unique(maintain_order=True)
        shape[marked.to_numpy()] = own.replace_strict(
            found, pl.arange(len(endings), len(endings) + len(found), eager=True)
        )
        endings += found.to_list()
    return endings, pl.Series(shape)


def _lexical(texts: pl.Series, endings: list[str], shape: pl.Series) -> pl.Series:
    """``texts`` without what opens and closes them, escapes as they are."""
    opening = pl.Series([len(_OPENINGS[min(n, LITERAL)]) for n in range(len(endings))], dtype=pl.UInt32).gather(shape)
    ending = pl.Series([len(ending.encode()) for ending in endings], dtype=pl.UInt32).gather(shape)
    whole = pl.col("text")
    inner = whole.cast(pl.Binary).bin.slice(opening, whole.str.len_bytes() - opening - ending).cast(pl.String)
    return texts.to_frame("text").select(inner).to_series()


_ESCAPES = {r"\\": "\\", r"\"": '"', r"\'": "'", r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\b": "\b", r"\f": "\f"}


def _unescaped(lexical: pl.Series, shape: pl.Series) -> tuple[pl.Series, bool] | None:
    """``lexical`` without escapes, and whether some of them were optional."""
    escaped = lexical.str.contains("\\", literal=True) & (shape >= LITERAL)
    if not escaped.any():
        return lexical, False
    places = escaped.arg_true()
    some = lexical.gather(places)
    optional = bool(some.str.contains(r"\\[tbfuU\x27]").any())
    plain = some.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    by_code = some.str.contains(r"\\[uU]")
    if by_code.any():
        try:
            decoded = [_decoded(text) for text in some.filter(by_code).to_list()]
        except ValueError:
            return None
        plain = plain.scatter(by_code.arg_true(), decoded)
    return lexical.scatter(places, plain), optional


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
