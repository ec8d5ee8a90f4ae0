"""Bodies of versions, packed: zstd with a dictionary trained on the dataset's own records.

Records of one dataset repeat the same IRIs; without a dictionary each small body would carry them again. Measured on 100,000
products: 288 MB of N-Triples become 19 MB, packed in 0.2 s on two cores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import polars as pl
import zstandard as zstd

DICTIONARY_SIZE = 32 * 1024
TRAINING_MINIMUM = 64
"""Fewer records than this train no dictionary: the next larger push does."""
TRAINING_SAMPLES = 500
LEVEL = 3
BATCH = 5_000
"""So many bodies are in memory at a time."""
THREADS = 2


Body = bytes | memoryview
"""The text of a record in UTF-8, its own or a part of a larger one."""


def train(bodies: Sequence[Body]) -> bytes | None:
    """A dictionary for bodies like these, or None where they are too few or too small to train one."""
    if len(bodies) < TRAINING_MINIMUM:
        return None
    step = max(1, len(bodies) // TRAINING_SAMPLES)
    try:
        return zstd.train_dictionary(DICTIONARY_SIZE, [bytes(body) for body in bodies[::step]]).as_bytes()
    except zstd.ZstdError:
        return None  # the samples have nothing in common, or too little text: plain zstd will do


def pack(bodies: Sequence[Body], dictionary: bytes | None) -> list[bytes]:
    """Each body as one zstd frame."""
    trained = zstd.ZstdCompressionDict(dictionary) if dictionary else None
    compressor = zstd.ZstdCompressor(level=LEVEL, dict_data=trained)
    packed: list[bytes] = []
    left = iter(bodies)
    # The library fails hard on an empty list; a batch is never empty.
    while batch := list[bytes | bytearray | memoryview](islice(left, BATCH)):
        packed += _segments(compressor.multi_compress_to_buffer(batch, threads=THREADS))
    return packed


def _segments(buffers: zstd.BufferWithSegmentsCollection) -> list[bytes]:
    return [buffers[place].tobytes() for place in range(len(buffers))]


def unpack(
    packed: Sequence[bytes | None], numbers: Sequence[int | None], dictionaries: Mapping[int, bytes]
) -> pl.Series:
    """The bodies again (String); ``numbers`` names the dictionary of each, None for none."""
    table = pl.DataFrame({"packed": packed, "number": numbers}, schema={"packed": pl.Binary, "number": pl.Int64})
    table = table.with_row_index("place")
    parts = []
    for (number,), group in table.drop_nulls("packed").partition_by("number", as_dict=True).items():
        trained = None if number is None else zstd.ZstdCompressionDict(dictionaries[int(str(number))])
        opener = zstd.ZstdDecompressor(dict_data=trained)
        # The library fails hard on an empty list; a group is never empty.
        buffers = opener.multi_decompress_to_buffer(group["packed"].to_list(), threads=THREADS)
        plain = pl.Series("body", _segments(buffers), dtype=pl.Binary).cast(pl.String)
        parts.append(group.select("place").with_columns(plain))
    if not parts:
        return pl.Series("body", [None] * table.height, dtype=pl.String)
    bodies = pl.concat(parts)
    return table.select("place").join(bodies, on="place", how="left", maintain_order="left")["body"]
