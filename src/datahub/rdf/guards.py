"""What is checked before a parser sees a byte: size, encoding, nesting, document types. Hostile input ends here."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from datahub.errors import InputError, Place
from datahub.i18n import Text, number

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MIB = 1 << 20
LONG = 256
"""Bytes of a long triple. Abbreviations may save as many for each of the triples that are read at most."""


@dataclass(frozen=True)
class Limits:
    """Caps on RDF input. ``max_depth``: nesting of brackets in Turtle and JSON, of elements in XML. ``max_triples``: each counts as
    often as it is said."""

    max_bytes: int = 1024 * MIB
    max_depth: int = 128
    max_triples: int = 1 << 26


DEFAULT = Limits()


def check_size(size: int, limits: Limits = DEFAULT) -> None:
    """Raises `InputError` ``too-large``."""
    if size > limits.max_bytes:
        mb, most = -(-size // MIB), limits.max_bytes // MIB
        raise InputError(
            "too-large",
            Text(
                f"The data is {mb} MB large; at most {most} MB are read.",
                f"Les données pèsent {mb} Mo ; {most} Mo au plus sont lus.",
            ),
            Text("Send it in several parts.", "Envoyez-les en plusieurs parties."),
        )


def check_triples(count: int, limits: Limits = DEFAULT) -> None:
    """Raises `InputError` ``too-many-triples``."""
    if count > limits.max_triples:
        en, fr = number(limits.max_triples, "en"), number(limits.max_triples, "fr")
        raise InputError(
            "too-many-triples",
            Text(
                f"The data has more than {en} triples, the most that are read here.",
                f"Les données ont plus de {fr} triplets, le plus qui soit lu ici.",
            ),
            Text("Send it in several parts.", "Envoyez-les en plusieurs parties."),
        )


class Expansion(io.BytesIO):
    """Takes in the N-Quads of a file of ``size`` bytes while they are written. Raises `InputError` ``too-many-triples`` or
    ``too-long-written-out`` as soon as they go beyond ``limits``: a prefix of a megabyte, used a million times, is a small file."""

    def __init__(self, limits: Limits, size: int) -> None:
        super().__init__()
        self._limits = limits
        self._most = size + LONG * limits.max_triples
        self._triples = 0

    def write(self, data: ReadableBuffer, /) -> int:
        """Adds whole or part lines; see the class."""
        piece = bytes(data)
        self._triples += piece.count(b"\n")  # in a literal it is escaped
        check_triples(self._triples, self._limits)
        if self.tell() + len(piece) > self._most:
            size = -(-self._most // MIB)
            raise InputError(
                "too-long-written-out",
                Text(
                    f"Written out, without prefixes and abbreviations, the data is more than {size} MB.",
                    f"Sans préfixes ni abréviations, les données pèsent plus de {size} Mo.",
                ),
                Text(
                    "Use shorter addresses, or send it in parts.", "Abrégez les adresses, ou envoyez-les par parties."
                ),
            )
        return super().write(piece)


def check_utf8(data: bytes) -> bytes:
    """``data`` without byte order mark. Raises `InputError` ``encoding`` with the line where it is no UTF-8, and ``nul``."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        raise InputError(
            "encoding",
            Text("The text is in UTF-16.", "Le texte est en UTF-16.")
            if utf16
            else Text("The text is not in UTF-8.", "Le texte n'est pas en UTF-8."),
            Text("Save it as UTF-8.", "Enregistrez-le en UTF-8."),
            Place(row=data.count(b"\n", 0, error.start) + 1),
        ) from None
    return data


# Possessive, and closed by the end of the data at the latest, so that no input makes them go back over what they read.
_TURTLE_TOKENS = re.compile(
    rb'"""(?:[^"\\]++|\\.?|"(?!""))*+(?:"""|\Z)|'
    rb"'''(?:[^'\\]++|\\.?|'(?!''))*+(?:'''|\Z)|"
    rb'"(?:[^"\\\n]++|\\.?)*+"?|'
    rb"'(?:[^'\\\n]++|\\.?)*+'?|<[^<>\s]*+>|#[^\n]*+|([\[(])|([\])])",
    re.DOTALL,
)
_JSON_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|([\[{])|([\]}])', re.DOTALL)


def check_turtle_depth(data: bytes, limits: Limits = DEFAULT) -> None:
    """Raises `InputError` ``too-deep`` where brackets are nested deeper than ``limits`` allow."""
    _check_depth(data, b"[(", b"])", _TURTLE_TOKENS, limits)


def check_json_depth(data: bytes, limits: Limits = DEFAULT) -> None:
    """Raises `InputError` ``too-deep`` where objects and arrays are nested deeper than ``limits`` allow."""
    _check_depth(data, b"[{", b"]}", _JSON_TOKENS, limits)


def _check_depth(data: bytes, opening: bytes, closing: bytes, tokens: re.Pattern[bytes], limits: Limits) -> None:
    import numpy as np  # takes longer to start than most files to read

    weight = np.zeros(256, np.int8)
    weight[list(opening)] = 1
    weight[list(closing)] = -1
    steps = weight[np.frombuffer(data, np.uint8)]
    steps = steps[steps != 0].astype(np.int64)
    # Brackets in texts are counted too. Only where that looks too deep are the texts told apart, which is slower.
    lowest = np.minimum.accumulate(np.concatenate(([0], np.cumsum(steps))))[:-1] if len(steps) else steps
    if not len(steps) or int((np.cumsum(steps) - lowest).max()) <= limits.max_depth:
        return
    depth = 0
    for token in tokens.finditer(data):
        if token.group(1):
            depth += 1
            if depth > limits.max_depth:
                raise _too_deep(limits, data.count(b"\n", 0, token.start()) + 1)
        elif token.group(2):
            depth -= 1


def _too_deep(limits: Limits, row: int) -> InputError:
    return InputError(
        "too-deep",
        Text(
            f"The data is nested more than {limits.max_depth} deep.",
            f"Les données sont imbriquées sur plus de {limits.max_depth} niveaux.",
        ),
        place=Place(row=row),
    )


def check_xml(data: bytes, limits: Limits = DEFAULT) -> None:
    """Reads through ``data`` once with entities off.

    Raises `InputError`: ``xml-doctype`` for any document type (it may define entities that grow without end, or name files),
    ``too-deep``, ``syntax`` with line and column where the XML is not well formed or uses a prefix that is not declared.
    """
    parser = expat.ParserCreate(namespace_separator=" ")  # prefixes have to be declared
    depth = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.max_depth:
            raise _too_deep(limits, parser.CurrentLineNumber)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_details: object) -> None:
        raise InputError(
            "xml-doctype",
            Text(
                "The XML has a document type (<!DOCTYPE …>), which is refused for safety.",
                "Le XML a un type de document (<!DOCTYPE …>), refusé par sécurité.",
            ),
            Text("Remove the DOCTYPE line and its entities.", "Supprimez la ligne DOCTYPE et ses entités."),
            Place(row=parser.CurrentLineNumber),
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(
            "syntax",
            Text(
                f"The XML is not well formed at line {error.lineno}, column {error.offset + 1}.",
                f"Le XML est mal formé à la ligne {error.lineno}, colonne {error.offset + 1}.",
            ),
            place=Place(row=error.lineno),
        ) from None
    except (LookupError, ValueError):
        raise InputError(
            "encoding",
            Text("The XML names an encoding that is not known.", "Le XML annonce un encodage inconnu."),
            Text("Save it as UTF-8.", "Enregistrez-le en UTF-8."),
        ) from None


_DECLARATION = re.compile(r"\ufeff?(<\?xml\b[^>]*\?>)?")
_ENCODING = re.compile(rb"""<\?xml\b[^>]*?\sencoding\s*=\s*["']([\w.\-]+)["']""")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def xml_in_utf8(data: bytes) -> bytes:
    """XML that `check_xml` let pass, in UTF-8, for parsers that know no other encoding (XML 1.0 section 4.3.3)."""
    declared = _ENCODING.match(data)
    name = declared[1].decode() if declared else None
    if data.startswith(_UTF16):
        name = "utf-16"
    elif data.startswith((b"<\0?\0", b"\0<\0?")):
        name = "utf-16-le" if data.startswith(b"<") else "utf-16-be"
    if name is None or name.lower() in ("utf-8", "utf8"):
        return data
    try:
        return _DECLARATION.sub("", data.decode(name), count=1).encode()
    except (UnicodeError, LookupError):
        raise InputError(
            "encoding",
            Text(
                f"The text is not in {name}, as the XML says.", f"Le texte n'est pas en {name}, comme l'annonce le XML."
            ),
            Text("Save it as UTF-8.", "Enregistrez-le en UTF-8."),
        ) from None
