"""Bodies of HTTP answers as they were before they were compressed on the way (RFC 9110 section 8.4.1)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from datahub.errors import InputError
from datahub.i18n import Text

ACCEPTED = "gzip"
_PIECE = 1 << 20
_EITHER = 47  # zlib: the window of the stream, whose head says whether it is gzip or deflate


def plain(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """``pieces`` of a body, as they came, unpacked by at most a megabyte at a time.

    ``coding``: the header Content-Encoding. Raises `InputError`: ``web-coding`` for other codings than gzip and deflate, and for
    several on top of each other, whose sizes multiply; ``web-damaged``.
    """
    name = coding.strip().lower()
    if name in ("", "identity"):
        yield from pieces
    elif name in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(pieces)
    else:
        raise InputError(
            "web-coding",
            Text(
                f"The answer is compressed as “{coding[:60]}”, which was not asked for.",
                f"La réponse est compressée en « {coding[:60]} », ce qui n'a pas été demandé.",
            ),
        )


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_EITHER)
    began = False
    try:
        for piece in pieces:
            left = piece
            while left:
                if stream.eof:  # members of a gzip file follow one another
                    stream = zlib.decompressobj(_EITHER)
                began = True
                made = stream.decompress(left, _PIECE)
                yield made
                left = stream.unused_data if stream.eof else stream.unconsumed_tail
        while began and not stream.eof:
            made = stream.decompress(stream.unconsumed_tail, _PIECE)
            if not made:
                raise _damaged()
            yield made
    except zlib.error:
        raise _damaged() from None


def _damaged() -> InputError:
    return InputError("web-damaged", Text("The compressed answer is damaged.", "La réponse compressée est abîmée."))
