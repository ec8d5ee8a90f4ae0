"""Zip archives and GTFS feeds, honest and hostile."""

import contextlib
import io
import struct
import tracemalloc
import zipfile

import pytest

from datahub.errors import InputError
from datahub.sources import archive, gtfs
from datahub.sources.limits import Limits


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def refused(data: bytes, limits: Limits | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        list(archive.members(data, limits or Limits()))
    assert caught.value.message.en != caught.value.message.fr
    return caught.value


def test_members_come_by_name_without_folders_and_hidden_files() -> None:
    data = zipped({"b.txt": b"2", "a/": b"", "a/x.txt": b"1", "__MACOSX/a": b"", ".DS_Store": b""})
    assert list(archive.members(data)) == [("a/x.txt", b"1"), ("b.txt", b"2")]


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    assert refused(zipped({"x": b"\0" * 50_000_000})).code == "zip-ratio"


def test_counts_and_sizes_are_capped() -> None:
    assert refused(zipped({str(n): b"" for n in range(20)}), Limits(max_members=10)).code == "zip-members"
    assert refused(zipped({"a": b"ab" * 3000, "b": b"ab" * 3000}), Limits(max_bytes=10_000)).code == "too-large"


@pytest.mark.parametrize("name", ["../x.txt", "a/../../x.txt", "/etc/x.txt", "C:\\x.txt", "..\\x.txt"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert refused(zipped({name: b"x"})).code == "zip-name"


def test_damaged_archives_are_refused() -> None:
    whole = zipped({"a.txt": b"some text that is long enough to be compressed " * 20})
    assert refused(whole[:-30]).code == "zip-damaged"
    assert refused(b"PK\x03\x04").code == "zip-damaged"
    broken = bytearray(whole)
    broken[45:60] = b"\xff" * 15
    assert refused(bytes(broken)).code == "zip-damaged"


def test_a_file_without_a_name_is_left_out() -> None:
    whole = bytearray(zipped({"a": b"x"}))
    struct.pack_into("<HH", whole, whole.rindex(b"PK\x01\x02") + 28, 0, 1)
    assert list(archive.members(bytes(whole))) == []


def test_too_many_files_are_refused_before_each_becomes_an_object() -> None:
    data = zipped({str(n): b"" for n in range(5000)})
    tracemalloc.start()
    assert refused(data, Limits(max_members=10)).code == "zip-members"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED])
def test_damage_anywhere_is_read_or_refused(method: int) -> None:
    whole = zipped({"a.csv": b"id,name\n1,abc\n" * 30}, method)
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x5A
        with contextlib.suppress(InputError):  # anything else fails
            list(archive.members(bytes(broken)))
        refused(whole[:at])


def test_a_size_that_lies_is_found_out() -> None:
    whole = bytearray(zipped({"a.txt": b"x" * 100}, zipfile.ZIP_STORED))
    at = whole.rindex(b"PK\x01\x02")
    struct.pack_into("<I", whole, at + 24, 10)
    assert refused(bytes(whole)).code == "zip-damaged"


def test_encrypted_archives_are_refused() -> None:
    whole = bytearray(zipped({"a.txt": b"x"}))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 8] |= 1
    assert refused(bytes(whole)).code == "zip-encrypted"


STOPS = b'\xef\xbb\xbfstop_id,stop_name,stop_lat,stop_lon\nA,"Vieux Port",43.29,5.37\n'


def test_a_feed_is_read_table_by_table() -> None:
    feed = gtfs.read(zipped({"stops.txt": STOPS, "routes.txt": b"route_id\nR\n", "empty.txt": b"", "x.md5": b"?"}))
    assert sorted(feed) == ["routes", "stops"]
    assert feed["stops"].columns.rows() == [("A", "Vieux Port", "43.29", "5.37")]
    assert sorted(gtfs.read(zipped({"f/stops.txt": STOPS, "f/routes.txt": b"route_id\n"}), only=["stops"])) == ["stops"]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError) as caught:
        gtfs.read(zipped({"routes.txt": b"route_id\nR\n"}))
    assert (caught.value.code, caught.value.place.file) == ("gtfs-missing", "stops.txt")
    for data in (zipped({"x.csv": b""}), b"stop_id,stop_name\n"):
        with pytest.raises(InputError) as caught:
            gtfs.read(data)
        assert caught.value.code == "not-gtfs"


def test_an_error_inside_a_file_names_the_file() -> None:
    with pytest.raises(InputError) as caught:
        gtfs.read(zipped({"stops.txt": b"stop_id,stop_id\nA,B\n"}))
    assert (caught.value.code, caught.value.place.file) == ("csv-header", "stops.txt")
