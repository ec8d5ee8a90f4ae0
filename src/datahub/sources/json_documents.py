"""JSON text to documents: one document, JSON Lines, or a zip archive of documents; and what is mended on the way.

Numbers keep the text that the publisher wrote (``4.20`` stays ``4.20``).
"""

from __future__ import annotations

import gc
import json as stdlib_json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.rdf import guards
from datahub.sources import archive, encoding, json_types
from datahub.sources.json_errors import not_json
from datahub.sources.limits import DEFAULT, Limits, load


@dataclass(frozen=True)
class Documents:
    """``numbers``: of each document (its line in JSON Lines, its place in an archive), or None where there is only one.
    ``plain``: see `datahub.sources.table.Table`."""

    values: list[Any]
    numbers: list[int] | None
    notes: list[dict[str, object]]
    plain: bool = False


def document(data: bytes, limits: Limits = DEFAULT) -> Any:
    """One JSON document, parsed as mildly as `datahub.sources.json.read` does: numbers that are no Python integers are texts of
    their own types. Raises `InputError` as it does."""
    return _parsed(_decoded(load(data, limits), limits)[0])


def from_archive(content: bytes, limits: Limits) -> Documents:
    """The documents of the zip archive ``content``, by name."""
    values = []
    notes: list[dict[str, object]] = []
    for name, text in archive.members(
        content, limits, wanted=lambda name: name.lower().endswith((".json", ".geojson"))
    ):
        try:
            decoded, told = _decoded(text, limits)
            values.append(_parsed(decoded))
        except InputError as error:
            place = Place(name, error.place.row, error.place.column, error.place.value)
            raise InputError(error.code, error.message, error.fix, place) from None
        notes += [{**note, "file": name, "row": len(values)} for note in told]
    if not values:
        raise InputError("empty", Text("The archive holds no JSON file.", "L'archive ne contient aucun fichier JSON."))
    return Documents(values, list(range(1, len(values) + 1)), notes)


def from_text(content: bytes, limits: Limits, decoder: msgspec.json.Decoder[Any]) -> Documents:
    """``decoder`` knows what is needed; what it can't read is looked at with more care."""
    documents = read(content, decoder)
    if documents is not None:
        return documents
    data, notes = _decoded(content, limits)
    if not data.strip():
        raise InputError("empty", Text("The file is empty.", "Le fichier est vide."))
    try:
        return Documents([_loads(data)], None, notes)
    except stdlib_json.JSONDecodeError as error:
        if error.msg != "Extra data" or b"\n" not in data.strip():
            raise not_json(error) from None
        told = read_lines(data, decoder)
        documents = _line_by_line(data, notes) if told is None else replace(told, notes=notes)
        if not documents.values:
            raise not_json(error) from None
        return documents


def read(content: bytes, decoder: msgspec.json.Decoder[Any]) -> Documents | None:
    """The document that is ``content``; None where ``decoder`` can't read it."""
    try:
        with _uncollected():
            return Documents([decoder.decode(content)], None, [], _is_plain(content))
    except _REFUSED:
        return None


def from_lines(content: bytes, limits: Limits, decoder: msgspec.json.Decoder[Any]) -> Documents:
    """The documents of some lines of JSON Lines, of which each may be broken."""
    documents = read_lines(content, decoder)
    return documents or _line_by_line(*_decoded(content, limits))


def _is_plain(content: bytes) -> bool:
    """Whether no text of a well-formed document holds what RFC 8259 section 7 escapes, nor the one control character besides."""
    return b"\\" not in content and b"\x7f" not in content


def read_lines(data: bytes, decoder: msgspec.json.Decoder[Any]) -> Documents | None:
    """The documents of ``data`` where each line holds one object, nothing else, and none is broken or empty."""
    text = data.rstrip()
    ends = text.count(b"\n")
    # Within an object no brace that closes is followed by one that opens: here one ends, and on each line at least one stands.
    if ends != text.count(b"}\n{") + text.count(b"}\r\n{"):
        return None
    try:
        with _uncollected():
            values = decoder.decode_lines(text)
    except _REFUSED:
        return None
    if len(values) != ends + 1:
        return None
    return Documents(values, list(range(1, len(values) + 1)), [], _is_plain(data))


def _line_by_line(data: bytes, notes: list[dict[str, object]]) -> Documents:
    values, numbers = [], []
    for number, given in enumerate(data.decode().split("\n"), 1):
        line = given.lstrip("\ufeff")  # files were put together, of which each began with a byte order mark
        if not line.strip():
            continue
        try:
            values.append(_loads(line))
            numbers.append(number)
        except stdlib_json.JSONDecodeError as error:
            notes.append(
                {
                    "severity": "violation",
                    "code": "json",
                    "row": number,
                    "value": line[:200],
                    "message_en": f"This line is not JSON (at character {error.colno}).",
                    "message_fr": f"Cette ligne n'est pas du JSON (au caractère {error.colno}).",
                }
            )
    return Documents(values, numbers, notes)


_HALF = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)
"""An escape of JSON; as a group, one of half a character (RFC 8259 section 8.2)."""


def _decoded(content: bytes, limits: Limits) -> tuple[bytes, list[dict[str, object]]]:
    """``content`` in UTF-8 and without halves of characters, and what was repaired."""
    decoded = encoding.decode(content)
    guards.check_json_depth(decoded.data, guards.Limits(limits.max_bytes, limits.max_depth))
    notes = [encoding.repaired(decoded)] if decoded.repaired else []
    halves = 0

    def whole(found: re.Match[bytes]) -> bytes:
        nonlocal halves
        halves += found[1] is not None
        return found[0] if found[1] is None else rb"\ufffd"

    data = _HALF.sub(whole, decoded.data) if rb"\ud" in decoded.data.lower() else decoded.data
    if halves:
        notes.append(
            {
                "severity": "warning",
                "code": "json-half-character",
                "message_en": f"The file holds {halves} halves of characters (such as \\ud83d alone); each was read as �.",
                "message_fr": f"Le fichier contient {halves} moitiés de caractères (comme \\ud83d seul) ; chacune est lue �.",
                "fix_en": "Texts were cut in the middle of a character, such as an emoji; export them whole.",
                "fix_fr": "Des textes ont été coupés au milieu d'un caractère, comme un émoji ; exportez-les entiers.",
            }
        )
    return data, notes


def _constant(name: str) -> None:
    """NaN and Infinity are not JSON; they say that there is no number."""


def _integer(text: str) -> json_types.Integer:
    return json_types.Integer(text.encode())


_REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)
"""What the fast parser raises: of broken JSON, of too long numbers, of deep nesting."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """The collector of cycles has nothing to find in what a parser builds, but looks at all of it again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _loads(data: bytes | str) -> Any:
    """``data`` parsed; what the fast parser refuses is left to Python's, which tells where and is milder (NaN)."""
    try:
        with _uncollected():
            return json_types.ANY.decode(data)
    except _REFUSED:
        text = data if isinstance(data, str) else data.decode()
        return stdlib_json.loads(text, parse_int=_integer, parse_float=json_types.double, parse_constant=_constant)


def _parsed(data: bytes) -> Any:
    try:
        return _loads(data)
    except stdlib_json.JSONDecodeError as error:
        raise not_json(error) from None
