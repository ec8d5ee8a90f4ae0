"""Which lexical forms a datatype has (XSD 1.1 part 2 section 3), vectorised. Unknown datatypes accept every form."""

from __future__ import annotations

import polars as pl

from datahub.rdf.terms import XSD
from datahub.shacl import temporal

DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"

FORMS: dict[str, str] = {
    "boolean": r"^(?:true|false|0|1)$",
    "integer": r"^[+-]?[0-9]+$",
    "decimal": rf"^{DECIMAL}$",
    "double": rf"^(?:{DECIMAL}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN)$",
    "float": rf"^(?:{DECIMAL}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN)$",
    "nonNegativeInteger": r"^(?:\+?[0-9]+|-0+)$",
    "positiveInteger": r"^\+?0*[1-9][0-9]*$",
    "nonPositiveInteger": r"^(?:-[0-9]+|\+?0+)$",
    "negativeInteger": r"^-0*[1-9][0-9]*$",
    "normalizedString": r"^[^\t\n\r]*$",
    "token": r"^(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?$",
    "language": r"^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$",
    "NMTOKEN": r"^[\p{L}\p{N}\p{M}._:·\-]+$",
    "Name": r"^[\p{L}_:][\p{L}\p{N}\p{M}._:·\-]*$",
    "NCName": r"^[\p{L}_][\p{L}\p{N}\p{M}._·\-]*$",
    "hexBinary": r"^(?:[0-9a-fA-F]{2})*$",
    "base64Binary": r"^(?:(?:[A-Za-z0-9+/] ?){4})*(?:[A-Za-z0-9+/] ?[AQgw] ?= ?=|(?:[A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=)?$",
}
RANGES: dict[str, tuple[int, int]] = {
    **{
        name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        for name, bits in (("long", 64), ("int", 32), ("short", 16), ("byte", 8))
    },
    **{
        name: (0, 2**bits - 1)
        for name, bits in (("unsignedLong", 64), ("unsignedInt", 32), ("unsignedShort", 16), ("unsignedByte", 8))
    },
}
NUMERIC = frozenset(
    XSD + name
    for name in (
        *("decimal", "integer", "double", "float", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", *RANGES),
    )
)
"""The datatypes that SPARQL 1.1 section 17.1 calls numeric."""


def well_formed(lexical: pl.Series, datatype: str) -> pl.Series:
    """Whether each of ``lexical`` is in the lexical space of the datatype IRI."""
    if datatype in temporal.FORMS or datatype in temporal.DURATIONS:
        return temporal.parse(lexical, datatype)["valid"]
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if name in FORMS:
        return lexical.str.contains(FORMS[name])
    if name in RANGES:
        least, most = RANGES[name]
        # 40 digits are beyond every range; the cast is of what remains.
        number = pl.col("x").str.strip_chars_start("+").cast(pl.Int128, strict=False)
        ok = pl.col("x").str.contains(FORMS["integer"]) & number.is_between(
            pl.lit(least, pl.Int128), pl.lit(most, pl.Int128)
        )
        return lexical.alias("x").to_frame().select(ok.fill_null(False)).to_series()
    return pl.repeat(True, len(lexical), dtype=pl.Boolean, eager=True)
