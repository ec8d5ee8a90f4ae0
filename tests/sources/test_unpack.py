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
