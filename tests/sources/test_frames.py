"""Data frames and Parquet files: their types become natural datatypes."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from datahub.errors import InputError
from datahub.mapping import lift, lift_to, parse
from datahub.sources import frames, parquet
from datahub.sources.limits import Limits
from datahub.sources.table import joined

MAPPING = """@prefix rml: <http://w3id.org/rml/> . @prefix s: <http://schema.org/> .
<#p> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ] ;
  rml:predicateObjectMap [ rml:predicate s:price ; rml:objectMap [ rml:reference "price" ] ] ,
    [ rml:predicate s:tag ; rml:objectMap [ rml:reference "tags[*]" ] ] ,
    [ rml:predicate s:city ; rml:objectMap [ rml:reference "maker.city" ] ] ."""
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture
def products() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": ["CAR", "POM"],
            "price": [Decimal("4.20"), None],
            "tags": [["bio", "local"], []],
            "maker": [{"city": "Brest"}, {"city": None}],
            "added": [datetime.date(2026, 1, 31), None],
        }
    )


def lines(products: object) -> set[str]:
    return set(
        "".join(lift(parse(MAPPING), {"products": products}, "https://a.example/").frame.canonical_lines()).splitlines()
    )


def test_a_frame_of_any_library_lifts_alike(products: pl.DataFrame) -> None:
    found = lines(products)
    assert found == {
        f'<https://a.example/p/CAR> <http://schema.org/price> "4.2"^^<{XSD}decimal> .',
        '<https://a.example/p/CAR> <http://schema.org/tag> "bio" .',
        '<https://a.example/p/CAR> <http://schema.org/tag> "local" .',
        '<https://a.example/p/CAR> <http://schema.org/city> "Brest" .',
    }
    assert lines(products.lazy()) == found
    assert lines(products.to_arrow()) == found
    pytest.importorskip("pandas")
    assert lines(products.to_pandas(use_pyarrow_extension_array=True)) == found


def test_frames_are_streamed_too(products: pl.DataFrame, tmp_path: Path) -> None:
    with (tmp_path / "out.nt").open("wb") as out:
        assert lift_to(out, parse(MAPPING), {"products.csv": products}, "https://a.example/").statements == 4


def test_parquet_is_read_as_the_frame_that_was_written(products: pl.DataFrame, tmp_path: Path) -> None:
    products.write_parquet(tmp_path / "products.parquet")
    whole = parquet.read(tmp_path / "products.parquet", ["sku", "added", "maker.city", "tags[*]"])
    assert whole.columns.equals(frames.read(products, ["sku", "added", "maker.city", "tags[*]"]).columns)
    assert whole.types == {"added": XSD + "date"}
    (tmp_path / "products.csv").write_bytes((tmp_path / "products.parquet").read_bytes())
    (tmp_path / "m.ttl").write_text(MAPPING, "utf-8")
    assert len(lift(parse(tmp_path / "m.ttl")).frame) == 4


def test_parquet_in_pieces_is_the_whole(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": range(250), "tags": [["a"] * (n % 3) for n in range(250)]})
    frame.write_parquet(tmp_path / "p.parquet", row_group_size=40)
    scanned = pl.scan_parquet(tmp_path / "p.parquet")
    parts = list(frames.batches(scanned, ["id", "tags[*]"], "p", Limits(), size=30))
    assert len(parts) > 3
    whole = parquet.read(tmp_path / "p.parquet", ["id", "tags[*]"])
    assert joined(parts).columns.equals(whole.columns)
    assert joined(parts).rows.to_list() == whole.rows.to_list()
    frame.clear().write_parquet(tmp_path / "empty.parquet")
    (empty,) = parquet.batches(tmp_path / "empty.parquet", ["id"], name="p")
    assert len(empty) == 0


def test_lists_of_nested_records_give_all_their_values() -> None:
    frame = pl.DataFrame({"offers": [[{"price": 1.5, "units": ["kg", "l"]}, {"price": None, "units": []}], None]})
    table = frames.read(frame, ["offers[*].price", "offers[*].units[*]", "offers[0].price"])
    assert table.columns.rows() == [(["1.5E0"], ["kg", "l"], "1.5E0"), (None, None, None)]


@pytest.mark.parametrize("reference", ["absent", "maker.street", "maker[0]", "sku.x"])
def test_a_path_that_leads_nowhere_is_a_missing_column(products: pl.DataFrame, reference: str) -> None:
    with pytest.raises(InputError) as refused:
        frames.read(products, [reference])
    assert refused.value.place.column == reference


def test_pandas_columns_of_several_types_are_read_as_they_print() -> None:
    pd = pytest.importorskip("pandas")
    table = frames.read(pd.DataFrame({"mixed": ["a", 1, None], "number": [1, 2, 3]}))
    assert table.columns["mixed"].to_list() == ["a", "1", None]
    assert table.types == {"number": XSD + "integer"}


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        frames.read([1, 2])
    assert refused.value.code == "frame"


def test_a_damaged_or_huge_parquet_file_is_refused(products: pl.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "p.parquet"
    products.write_parquet(file)
    for data in (file.read_bytes()[:-40], b"PAR1" + b"\0" * 100, b"sku,name\n"):
        with pytest.raises(InputError) as refused:
            parquet.read(data)
        assert refused.value.code == "not-parquet"
    with pytest.raises(InputError):
        parquet.read(file, limits=Limits(max_rows=1))
    with pytest.raises(InputError):
        parquet.read(file, limits=Limits(max_bytes=10))
    with pytest.raises(InputError):
        parquet.read(tmp_path / "absent.parquet")


ODD: dict[str, tuple[pl.Series, list[object], str | None]] = {
    "lists in lists": (pl.Series("v", [[[1, 2], [3]], [[]], None]), [["1", "2", "3"], None, None], "integer"),
    "arrays in arrays": (
        pl.Series("v", [[[1], [2]]], dtype=pl.Array(pl.Int64, (2, 1))),
        [["1", "2"]],
        "integer",
    ),
    "no structure": (pl.Series("v", [{"a": 1}, None]), ['{"a":1}', None], None),
    "large whole numbers": (pl.Series("v", [2**100]), [str(2**100)], "integer"),
    "exact decimals": (pl.Series("v", ["9" * 38]).cast(pl.Decimal(38, 0)), ["9" * 38], "decimal"),
    "a day before our era": (pl.Series("v", [-800_000]).cast(pl.Int32).cast(pl.Date), ["-0221-09-04"], "date"),
    "a zone": (
        pl.Series("v", [datetime.datetime(2026, 7, 1, 12)]).dt.replace_time_zone("Europe/Paris"),
        ["2026-07-01T10:00:00Z"],
        "dateTime",
    ),
    "a dictionary": (pl.Series("v", ["a", None], dtype=pl.Categorical), ["a", None], None),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_types_are_read_from_frames_and_parquet_alike(name: str) -> None:
    series, texts, datatype = ODD[name]
    file = io.BytesIO()
    series.to_frame().write_parquet(file)
    for table in (frames.read(series.to_frame()), parquet.read(file.getvalue())):
        assert table.columns["v"].to_list() == texts
        assert table.types.get("v", "").partition("#")[2] == (datatype or "")


@pytest.mark.parametrize(
    "series",
    [
        pl.Series("v", [2**62]).cast(pl.Datetime("ms")),
        pl.Series("v", [0, 2**31 - 1], dtype=pl.Int32).cast(pl.Date),
        pl.Series("v", [[0], [-(2**62)]]).cast(pl.List(pl.Datetime("ms"))),
    ],
)
def test_days_without_a_name_are_told_without_a_word_of_the_library(
    series: pl.Series, capfd: pytest.CaptureFixture[str]
) -> None:
    file = io.BytesIO()
    series.to_frame().write_parquet(file)
    for read in (lambda: frames.read(series.to_frame()), lambda: parquet.read(file.getvalue())):
        with pytest.raises(InputError) as refused:
            read()
        assert (refused.value.code, refused.value.place.column) == ("frame-value", "v")
    assert capfd.readouterr().err == ""


def test_objects_of_python_are_told() -> None:
    with pytest.raises(InputError) as refused:
        frames.read(pl.DataFrame({"v": pl.Series([object()], dtype=pl.Object)}))
    assert refused.value.code == "frame-type"
