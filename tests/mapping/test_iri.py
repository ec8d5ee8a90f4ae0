"""Percent-encoding in columns is that of RML-Core section 6.4, character by character."""

from __future__ import annotations

from urllib.parse import quote

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.mapping import iri

_UNRESERVED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_EDGES = "\x00 %/é€n\x7f\x80\x9f\xa0\ud7ff\ue000\uf8ff\uf900\ufdcf\ufdd0\ufdef\ufdf0\uffef\ufff0\uffff"
_BEYOND = (
    "\U0001f34f\U0001fffd\U0001fffe\U000dfffd\U000e0000\U000e0fff\U000e1000\U000efffd\U000efffe\U000f0000\U0010ffff"
)
_values = st.lists(st.none() | st.text(st.sampled_from(_EDGES + _BEYOND) | st.characters(codec="utf-8")), max_size=9)


def _allowed(character: str) -> bool:
    """Whether RFC 3987 section 2.2 has ``character`` among iunreserved."""
    code = ord(character)
    if code < 0x10000:
        ranges = ((0xA0, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFEF))
        return character in _UNRESERVED or any(first <= code <= last for first, last in ranges)
    first = 0xE1000 if code >> 16 == 14 else code & 0xF0000
    return code < 0xF0000 and first <= code <= (code | 0xFFFF) - 2


def _encoded(value: str | None, *, ascii_only: bool) -> str | None:
    kept = _UNRESERVED.__contains__ if ascii_only else _allowed
    return None if value is None else "".join(c if kept(c) else quote(c, safe="") for c in value)


@given(values=_values, ascii_only=st.booleans(), repeated=st.sampled_from([1, 5]), at_once=st.sampled_from([2, 100]))
def test_what_an_iri_may_not_hold_is_encoded_and_nothing_else(
    values: list[str | None], ascii_only: bool, repeated: int, at_once: int
) -> None:
    column = pl.Series("v", values * repeated, dtype=pl.String)
    wanted = [_encoded(value, ascii_only=ascii_only) for value in values] * repeated
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iri, "_SLICE", at_once)
        made = column.to_frame().select(iri.encode(pl.col("v"), ascii_only=ascii_only)).to_series()
        safe = iri.is_safe(column, ascii_only=ascii_only)
    assert made.to_list() == wanted
    assert safe == (wanted == values * repeated)


@pytest.mark.parametrize("value", ["Ferme du Pré", "a/b", "100 %", "l'été"])
def test_decoding_gives_back_what_was_encoded(value: str) -> None:
    column = pl.DataFrame({"v": [value]})
    assert column.select(iri.decode(iri.encode(pl.col("v")))).item() == value
