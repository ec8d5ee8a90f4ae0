"""Compressed files: the one file that is meant, and no bombs."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from datahub.errors import InputError
from datahub.sources.limits import Limits
from datahub.sources.unpack import unpack

TEXT = b"id,name\n1,Carottes\n"


def archived(kind: str, *names: str) -> bytes:
    out = io.BytesIO()
    if kind == "gzip":
        return gzip.compress(TEXT)
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, TEXT)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(TEXT)
            tar.addfile(info, io.BytesIO(TEXT))
    return gzip.compress(out.getvalue()) if kind == "targz" else lzma.compress(out.getvalue())


@pytest.mark.parametrize("kind", ["gzip", "zip", "targz", "tarxz"])
def test_a_single_file_needs_no_name(kind: str) -> None:
    assert unpack(archived(kind, "products.csv"), kind) == TEXT


@pytest.mark.parametrize("kind", ["zip", "targz", "tarxz"])
def test_one_of_several_files_is_named(kind: str) -> None:
    packed = archived(kind, "data/a.csv", "data/b.csv")
    assert unpack(packed, kind, "b.csv") == TEXT
    for member in (None, "c.csv"):
        with pytest.raises(InputError) as refused:
            unpack(packed, kind, member)
        assert refused.value.code == "unpack-member"
        assert "a.csv" in refused.value.message.fr


@pytest.mark.parametrize("kind", ["gzip", "targz", "tarxz"])
def test_what_is_cut_or_damaged_is_refused(kind: str) -> None:
    packed = archived(kind, "a.csv")
    for data in (packed[:-9], packed[:10], b"id,name\n", packed[:15] + b"\xff" * 20 + packed[35:]):
        with pytest.raises(InputError) as refused:
            unpack(data, kind)
        assert refused.value.code == "unpack"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_bombs_are_refused_before_they_fill_the_memory(compress: object) -> None:
    assert callable(compress)
    packed = compress(b"0" * 50_000_000)
    kind = "gzip" if packed.startswith(b"\x1f\x8b") else "tarxz"
    with pytest.raises(InputError) as refused:
        unpack(packed, kind)
    assert refused.value.code == "zip-ratio"
    with pytest.raises(InputError) as large:
        unpack(gzip.compress(bytes(range(256)) * 10_000), "gzip", limits=Limits(max_bytes=1 << 20, max_zip_ratio=1000))
    assert large.value.code == "too-large"


def test_a_sparse_file_of_a_tar_archive_is_not_filled_with_zeros() -> None:
    """A header of 512 bytes may speak of terabytes."""
    info = tarfile.TarInfo("products.csv")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398], header[398:410] = b"%011o\0" % 0, b"%011o\0" % 512
    header[483:495] = b"%011o\0" % (1 << 32)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(InputError) as refused:
        unpack(gzip.compress(bytes(header) + b"x" * 512 + b"\0" * 1024), "targz")
    assert refused.value.code == "too-large"


def test_two_files_of_one_name_are_not_told_apart_in_silence() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("products.csv", TEXT)
        made.writestr("products.csX", TEXT + b"2,Pommes\n")
    data = out.getvalue().replace(b".csX", b".csv")
    for member in (None, "products.csv"):
        with pytest.raises(InputError) as refused:
            unpack(data, "zip", member)
        assert refused.value.code == "unpack-member"
