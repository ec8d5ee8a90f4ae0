"""Text files as UTF-8: what the bytes are, and repairs that are told."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF8 = ("utf-8", "utf-8-sig", "utf8")
_NAMES = {"cp1252": "Windows-1252", "latin-1": "ISO-8859-1", "iso-8859-1": "ISO-8859-1", "iso-8859-15": "ISO-8859-15"}

RESAVE = Text("Save the file as UTF-8.", "Enregistrez le fichier en UTF-8.")
_NOT_TEXT: tuple[tuple[bytes, Text], ...] = (
    (
        b"PK\x03\x04",
        Text("a zip archive or a spreadsheet (.xlsx, .ods)", "une archive zip ou un classeur (.xlsx, .ods)"),
    ),
    (b"\xd0\xcf\x11\xe0", Text("an old Excel workbook (.xls)", "un ancien classeur Excel (.xls)")),
    (b"%PDF", Text("a PDF document", "un document PDF")),
    (b"\x1f\x8b", Text("a gzip archive", "une archive gzip")),
    (b"\x89PNG", Text("an image", "une image")),
    (b"\xff\xd8\xff", Text("an image", "une image")),
    (b"GIF8", Text("an image", "une image")),
)


@dataclass(frozen=True)
class Decoded:
    """``data`` is UTF-8 without byte order mark. ``encoding``: what the file was in; ``repaired`` where that is not UTF-8 and
    was not declared by a byte order mark. ``odd_lines``: physical lines (first = 1) that were in ``encoding`` while the others
    are in UTF-8."""

    data: bytes
    encoding: str = "utf-8"
    repaired: bool = False
    odd_lines: tuple[int, ...] = ()


def refuse_binary(data: bytes) -> None:
    """Raises `InputError` ``not-text`` for the common kinds of files that hold no text, naming the kind."""
    for magic, kind in _NOT_TEXT:
        if data.startswith(magic):
            message = Text(f"This is {kind.en}, not a text file.", f"C'est {kind.fr}, pas un fichier texte.")
            raise InputError("not-text", message)


def decode(data: bytes, encodings: Sequence[str] = ("utf-8-sig", "utf-8", "cp1252")) -> Decoded:
    """``data`` as UTF-8, by its byte order mark or else by the first of ``encodings`` that reads all of it.

    A file that is partly UTF-8 and partly in the next encoding is repaired line by line (`Decoded.odd_lines`).
    Raises `InputError`: ``not-text``, ``nul``, ``encoding`` (with the line).
    """
    refuse_binary(data)
    for bom, name in _UTF16.items():
        if data.startswith(bom):
            try:
                return Decoded(data[len(bom) :].decode(name).encode(), name)
            except UnicodeDecodeError:
                raise InputError(
                    "encoding",
                    Text(
                        "The file starts as UTF-16 but is truncated or damaged.",
                        "Le fichier commence en UTF-16 mais est tronqué ou abîmé.",
                    ),
                    RESAVE,
                ) from None
    if len(encodings) == 1 and encodings[0].startswith(("utf-16", "utf-32")):
        try:
            return Decoded(data.decode(encodings[0]).removeprefix("\ufeff").encode(), encodings[0])
        except UnicodeDecodeError:
            raise _unreadable(data, encodings) from None
    data = data.removeprefix(codecs.BOM_UTF8)
    _refuse_nul(data)
    for name in encodings:
        if name in _UTF8:
            if _is_utf8(data):
                return Decoded(data)
            continue
        others_fail = [e for e in encodings[: encodings.index(name)] if e in _UTF8]
        if others_fail:
            odd = _odd_lines(data, name)
            if odd is not None:
                return odd
        try:
            return Decoded(data.decode(name).encode(), name, repaired=bool(others_fail))
        except UnicodeDecodeError:
            continue
    raise _unreadable(data, encodings)


def label(encoding: str) -> str:
    """The usual name of an encoding."""
    return _NAMES.get(encoding, encoding.upper())


def repaired(decoded: Decoded) -> dict[str, object]:
    """The finding that a file was not in UTF-8."""
    name = label(decoded.encoding)
    return {
        "severity": "info",
        "code": "encoding-repaired",
        "message_en": f"The file is not in UTF-8; it was read as {name}.",
        "message_fr": f"Le fichier n'est pas en UTF-8 ; il a été lu en {name}.",
        "fix_en": RESAVE.en,
        "fix_fr": RESAVE.fr,
    }


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:  # without making a Python string of it
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _refuse_nul(data: bytes) -> None:
    at = data.find(b"\0")
    if at < 0:
        return
    head = data[:2000]
    if head.count(b"\0") * 3 > len(head):
        message = Text(
            "The file is UTF-16 without a byte order mark.", "Le fichier est en UTF-16 sans marque d'ordre des octets."
        )
        raise InputError("encoding", message, RESAVE)
    message = Text(
        "The file holds a NUL byte: it is damaged or not a text file.",
        "Le fichier contient un octet nul : il est abîmé ou n'est pas un fichier texte.",
    )
    raise InputError("nul", message, place=Place(row=data.count(b"\n", 0, at) + 1))


def _odd_lines(data: bytes, encoding: str) -> Decoded | None:
    """The repair of a file that mixes UTF-8 with ``encoding``; None where it is not such a mix."""
    lines = data.split(b"\n")
    odd: list[int] = []
    seen_utf8 = False
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        if _is_utf8(line):
            seen_utf8 = True
            continue
        odd.append(number)
    if not seen_utf8:
        return None
    for number in odd:
        try:
            lines[number] = lines[number].decode(encoding).encode()
        except UnicodeDecodeError:
            return None
    return Decoded(b"\n".join(lines), encoding, repaired=True, odd_lines=tuple(number + 1 for number in odd))


def _unreadable(data: bytes, encodings: Sequence[str]) -> InputError:
    names = [label(e) for e in dict.fromkeys("utf-8" if e in _UTF8 else e for e in encodings)]
    row = None
    for name in encodings:
        try:
            data.decode(name)
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            break
    message = Text(
        f"The text can't be read as {' or '.join(names)}.",
        f"Le texte n'est lisible ni en {' ni en '.join(names)}."
        if len(names) > 1
        else f"Le texte n'est pas lisible en {names[0]}.",
    )
    return InputError("encoding", message, RESAVE, Place(row=row))
