"""Percent-encoding for IRI templates, in columns (RML-Core section 6.4, RFC 3986 section 2.3, RFC 3987 section 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import polars as pl

# ucschar of RFC 3987; together with RFC 3986's unreserved this is "iunreserved".
_UCS = (
    r"\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}"
    + "".join(rf"\x{{{plane:X}0000}}-\x{{{plane:X}FFFD}}" for plane in range(1, 14))
    + r"\x{E1000}-\x{EFFFD}"
)
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
_ASCII = [chr(c) for c in range(128) if c not in _UNRESERVED]
_ENCODED = [f"%{ord(c):02X}" for c in _ASCII]
_BEYOND_ASCII = bytes(range(128, 256))
_COMMON = bytes(set(range(256)) - {0xEE, 0xEF, *range(0xF0, 0xF5)})
"""Bytes of UTF-8, but for those with which a character begins that may be neither ASCII nor ucschar, C1 controls apart."""
_RARE = rf"[^\x00-\x7F{_UCS}]"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_SLICE = 50_000
_FORBIDDEN = r"[\x00-\x20<>\"{}|\\^`]"
_SCHEME = r"^[A-Za-z][A-Za-z0-9+.\-]*:"


def is_safe(values: pl.Series, *, ascii_only: bool = False) -> bool:
    """Whether none of ``values`` holds a character that `encode` would encode."""
    left = (text.translate(None, _UNRESERVED) for text in _utf8(values))
    if ascii_only:
        return not any(left)
    return not any(text.translate(None, _BEYOND_ASCII) for text in left) and not _has_rare(values)


def encode(text: pl.Expr, *, ascii_only: bool = False) -> pl.Expr:
    """``text`` with every character that is not allowed in an IRI segment percent-encoded; ``ascii_only`` for URIs."""
    return text.map_batches(partial(encoded, ascii_only=ascii_only), return_dtype=pl.String)


def encoded(values: pl.Series, *, ascii_only: bool = False) -> pl.Series:
    """`encode` of ``values``."""
    distinct = values.unique()
    if 2 * len(distinct) < len(values):
        return values.replace_strict(distinct, encoded(distinct, ascii_only=ascii_only), return_dtype=pl.String)
    ascii_done = values.str.replace_many(_ASCII, _ENCODED)
    if ascii_only:
        return ascii_done if all(map(bytes.isascii, _utf8(values))) else _quote(ascii_done, r"[^\x00-\x7F]")
    return _quote(ascii_done, _RARE) if _has_rare(values) else ascii_done


def _has_rare(values: pl.Series) -> bool:
    """Whether ``values`` hold characters that are neither ASCII nor ucschar."""
    if not any(text.translate(None, _COMMON) or _C1.search(text) for text in _utf8(values)):
        return False  # far sooner known than a regular expression with all of Unicode in it is compiled
    return bool(values.str.contains(_RARE).any())


def _utf8(values: pl.Series) -> Iterator[bytes]:
    """All ``values``, one after the other, so many at a time that few bytes are held twice."""
    parts = (values.slice(at, _SLICE) for at in range(0, len(values), _SLICE))
    return (part.str.join().item().encode() for part in parts)


def _quote(values: pl.Series, rare: str) -> pl.Series:
    """Encodes the characters that match ``rare`` in the distinct ``values``: private use and control characters."""
    distinct = values.filter(values.str.contains(rare)).unique()
    character = re.compile(re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: rf"\U{int(m[1], 16):08X}", rare))
    done = [character.sub(lambda m: quote(m[0], safe=""), value) for value in distinct.to_list()]
    return values.replace(distinct, pl.Series(done, dtype=pl.String))


def decode(text: pl.Expr) -> pl.Expr:
    """``text`` with its percent-encoded characters decoded; null where the bytes are not UTF-8."""
    plain = text.str.replace_many(
        _ENCODED + [code.lower() for code in _ENCODED if code.lower() != code],
        _ASCII + [c for c, code in zip(_ASCII, _ENCODED, strict=True) if code.lower() != code],
    )
    return (
        pl.when(text.str.contains(r"%[89A-Fa-f][0-9A-Fa-f]"))
        .then(text.map_batches(_unquote, return_dtype=pl.String))
        .otherwise(plain)
    )


def _unquote(values: pl.Series) -> pl.Series:
    from urllib.parse import unquote

    distinct = values.drop_nulls().unique()
    distinct = distinct.filter(distinct.str.contains(r"%[89A-Fa-f]"))
    if not len(distinct):
        return values
    done: list[str | None] = []
    for value in distinct.to_list():
        try:
            done.append(unquote(value, errors="strict"))
        except UnicodeDecodeError:
            done.append(None)
    return values.replace_strict(
        distinct, pl.Series(done, dtype=pl.String), default=pl.lit(None, pl.String), return_dtype=pl.String
    )


def valid(text: pl.Expr) -> pl.Expr:
    """Whether ``text`` holds no character that an IRI can't have (RFC 3987 section 2.2)."""
    return ~text.str.contains(_FORBIDDEN)


def absolute(text: pl.Expr, base: str) -> pl.Expr:
    """``text`` where it starts with a scheme, else ``base`` put before it (RML-Core section 7.3)."""
    return pl.when(text.str.contains(_SCHEME)).then(text).otherwise(pl.concat_str([pl.lit(base), text]))


def is_absolute(text: str) -> bool:
    """Whether ``text`` starts with a scheme."""
    return re.match(_SCHEME, text) is not None


def is_valid(text: str) -> bool:
    """Whether ``text`` holds no character that an IRI can't have."""
    return re.search(r"[\x00-\x20<>\"{}|\\^`]", text) is None
