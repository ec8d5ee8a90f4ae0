"""OpenDocument spreadsheets (.ods), before a library unpacks them: a few letters can stand for any number of cells.

A cell, a row and a space say how often they repeat (OpenDocument 1.3, part 3, sections 6.1.3, 19.675, 19.677).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.sources import archive, workbook
from datahub.sources.limits import Limits, check_size

KIND = b"application/vnd.oasis.opendocument.spreadsheet"
CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_MOST_CELLS = 20_000_000

_TABLE = re.compile(rb"<table:table(?=[\s/>])")
_ROW = re.compile(rb"<table:table-row(?=[\s/>])")
_CELL = re.compile(rb"<table:(?:covered-)?table-cell(?=[\s/>])")
_SPACES = re.compile(rb"<text:s(?=[\s/>])")
_TAG = re.compile(rb"""<[^\s/>]+((?:[^"'<>]++|"[^"<]*"|'[^'<]*')*+)>""")
_ANY_TAG = re.compile(rb"""<(?:[^"'<>]++|"[^"<]*"|'[^'<]*')*+>""")
_REPEATED = re.compile(rb"""(?:-repeated|text:c)\s*=\s*(?:"(\d{1,12})"|'(\d{1,12})'|)""")
_INDENTED = re.compile(rb">\s++<(?=/?table:)")
_FILLED = re.compile(rb"office:|formula")
_TIME = re.compile(rb"""\boffice:time-value\s*=\s*(["'])PT(\d+)H(\d+)M(\d+)(?:[.,]\d*)?S\1""")


def plain(data: bytes, limits: Limits) -> bytes:
    """An archive of nothing but the cells of the spreadsheet ``data``, which are as many as they look. Times of the day, which the
    library leaves out, stand in it as texts.

    Raises `InputError`: ``spreadsheet-password``, ``too-large`` where the cells are more than ``limits`` allow, ``not-spreadsheet``
    also where the count of the cells could be hidden, and what `datahub.sources.archive.members` says.
    """
    parts = dict(archive.members(data, limits, wanted=("mimetype", CONTENT, _MANIFEST).__contains__))
    if b"encryption-data" in parts.get(_MANIFEST, b""):
        raise InputError(
            "spreadsheet-password",
            Text("The spreadsheet is protected by a password.", "Le classeur est protégé par un mot de passe."),
            Text("Save it without one.", "Enregistrez-le sans mot de passe."),
        )
    content = parts.get(CONTENT, b"")
    if parts.get("mimetype", b"").strip() != KIND or not _is_simple(content):
        raise workbook.not_spreadsheet()
    cells = size = 0
    for table in _pieces(_TABLE, content, b"</table:table>"):
        rows, columns, text = _extent(table)
        cells, size = cells + rows * columns, size + text
        workbook.check(rows, columns, limits)
        if cells > _MOST_CELLS:  # of all sheets: the library makes them at once
            raise workbook.too_far()
        check_size(size, limits)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as whole:
        whole.writestr("mimetype", KIND)
        times = _TIME.sub(rb'office:string-value="\2:\3:\4"', content)
        whole.writestr(CONTENT, _INDENTED.sub(b"><", times))
        whole.writestr(_MANIFEST, "<manifest/>")
    return out.getvalue()


def _is_simple(content: bytes) -> bool:
    """Whether each ``<`` begins a tag: not in a comment, a DOCTYPE, an instruction or an attribute, where it could hide others."""
    tags = _ANY_TAG.subn(b"", content)[1]
    return tags == content.count(b"<") and b"<!" not in content and b"<?" not in content[4:]


def _extent(table: bytes) -> tuple[int, int, int]:
    """The rows and columns of a table, and a size that its texts do not exceed. What is empty at the end is not made."""
    rows = empty = columns = size = 0
    for row in _pieces(_ROW, table, b"</table:table-row>"):
        times = _times(_tag(row))
        width, text = _filled(row)
        empty += times
        if width:
            rows, empty = rows + empty, 0
            columns, size = max(columns, width), size + times * text
    return rows, columns, size


def _filled(row: bytes) -> tuple[int, int]:
    """How many cells a row has, up to the last that is not empty, and the size of them."""
    if not _REPEATED.search(row):
        return (len(_CELL.findall(row)), len(row)) if _FILLED.search(row) else (0, 0)
    width = empty = size = 0
    for cell in _pieces(_CELL, row):
        attributes = _tag(cell)
        times = _times(attributes)
        empty += times
        if _FILLED.search(attributes):
            width, empty = width + empty, 0
            size += times * (len(cell) + sum(_times(_tag(spaces)) for spaces in _pieces(_SPACES, cell)))
    return width, size


def _pieces(start: re.Pattern[bytes], content: bytes, end: bytes = b"") -> Iterator[bytes]:
    """From each ``start`` to the next. Each has to have its ``end``, so that none lies within another."""
    found = [each.start() for each in start.finditer(content)]
    for at, following in pairwise([*found, len(content)]):
        piece = content[at:following]
        if end not in piece and not _tag(piece).endswith(b"/"):
            raise workbook.not_spreadsheet()
        yield piece


def _times(attributes: bytes) -> int:
    """How often an element with ``attributes`` repeats."""
    given = _REPEATED.findall(attributes)
    if not all(double or single for double, single in given):
        raise workbook.not_spreadsheet()
    return max((int(double or single) for double, single in given), default=1)


def _tag(piece: bytes) -> bytes:
    """What stands after the name in the tag that ``piece`` starts with."""
    tag = _TAG.match(piece)
    if tag is None:
        raise workbook.not_spreadsheet()
    return tag[1]
