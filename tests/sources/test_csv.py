"""CSV files as people send them."""

import csv as stdlib_csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.sources import csv, csv_scan
from datahub.sources.csv import Dialect
from datahub.sources.limits import Limits


def refused(data: bytes, dialect: Dialect = csv.STANDARD, limits: Limits | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        csv.read(data, dialect, limits=limits or Limits())
    assert caught.value.message.en != caught.value.message.fr
    return caught.value


cells = st.text(st.sampled_from('ab ,;"\n\r\té€'), max_size=6)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_what_a_spreadsheet_writes_is_read_cell_by_cell(rows: list[list[str]], delimiter: str, crlf: bool) -> None:
    out = io.StringIO()
    quoting = stdlib_csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else stdlib_csv.QUOTE_MINIMAL
    writer = stdlib_csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if crlf else "\n", quoting=quoting)
    writer.writerows([["un", "deux", "trois"], *rows])
    table = csv.read(out.getvalue().encode(), Dialect(delimiters=(delimiter,), trim=False))
    expected = [(n, row) for n, row in enumerate(rows, 2) if any(row)]
    assert table.columns.rows() == [tuple(cell or None for cell in row) for _, row in expected]
    assert table.rows.to_list() == [n for n, _ in expected]


@given(st.lists(st.lists(st.text(st.sampled_from('ab ,"\né'), max_size=5), min_size=2, max_size=2), min_size=1))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    frame = pl.DataFrame(
        [[cell or None for cell in row] for row in rows],
        schema=["a", "b"],
        orient="row",
        schema_overrides={"a": pl.String, "b": pl.String},
    )
    dialect = Dialect(delimiters=(";",), trim=False)
    kept = frame.filter(pl.any_horizontal(pl.all().is_not_null()))
    assert csv.read(csv.write(frame, dialect), dialect).columns.equals(kept)


def test_the_delimiter_is_found_in_the_header() -> None:
    for delimiter in ",;\t":
        data = f"nom{delimiter}prix{delimiter}unité\nœufs{delimiter}1{delimiter}u\n".encode()
        assert csv.read(data).columns.rows() == [("œufs", "1", "u")]


def test_row_numbers_are_those_of_the_spreadsheet_even_after_cells_with_line_breaks() -> None:
    table = csv.read(b'a,b\n"1\n2\n3",x\n\n,\n4,y\n')
    assert table.columns.rows() == [("1\n2\n3", "x"), ("4", "y")]
    assert table.rows.to_list() == [2, 5]


def test_rows_with_too_many_or_too_few_values_are_refused_and_the_rest_kept() -> None:
    table = csv.read(b"name,price,stock\nTomates,4,20,7\nPommes,2,5\nPoires\nKiwis,3,1\n")
    assert table.columns["name"].to_list() == ["Pommes", "Kiwis"]
    assert table.rows.to_list() == [3, 5]
    told = table.findings.select("row", "severity", "code", "value").rows()
    assert told == [(2, "violation", "csv-fields", "Tomates,4,20,7"), (4, "violation", "csv-fields", "Poires")]
    assert "4 values for 3 columns" in table.findings["message_en"][0]
    assert "4 valeurs pour 3 colonnes" in table.findings["message_fr"][0]


def test_inches_and_other_quotes_in_plain_values_are_text() -> None:
    table = csv.read(b'name,size\nTuyau,5" noir\n"dit ""X""",2\n')
    assert table.columns.rows() == [("Tuyau", '5" noir'), ('dit "X"', "2")]
    assert table.findings.is_empty()


def test_a_quote_that_is_not_doubled_refuses_its_row_only() -> None:
    table = csv.read(b'name,size\n"Tuyau 5" noir",1\nCorde,2\n')
    assert table.columns.rows() == [("Corde", "2")]
    assert table.findings.select("row", "code").rows() == [(2, "csv-quote")]


@pytest.mark.parametrize("rest", [b"autre,3\n", b'"autre",3\n', b'autre,"3"\n' * 1000])
def test_a_quote_left_open_is_named_by_the_row_where_it_opens(rest: bytes) -> None:
    error = refused(b'name,size\nCorde,"2\n2"\nTuyau,"5\n' + rest)
    assert (error.code, error.place.row) == ("csv-quote", 3)


def test_a_windows_file_is_read_and_the_repair_told() -> None:
    table = csv.read("nom;prix\nCœur de bœuf;4,20 €\n".encode("cp1252"))
    assert table.columns.rows() == [("Cœur de bœuf", "4,20 €")]
    assert table.findings.select("severity", "code").rows() == [("info", "encoding-repaired")]


def test_utf8_and_utf16_with_byte_order_marks_are_read() -> None:
    text = "nom,prix\nÉpinards,2\n"
    for encoding in ("utf-8-sig", "utf-16"):
        table = csv.read(text.encode(encoding))
        assert table.columns.rows() == [("Épinards", "2")]
        assert table.columns.columns == ["nom", "prix"]


def test_a_file_of_two_encodings_is_converted_and_the_rows_named() -> None:
    data = 'nom,texte\nÉpinards,"a\nb"\n'.encode() + "Pâtes,x\n".encode("cp1252") + "Thé,y\n".encode()
    table = csv.read(data)
    assert table.columns["nom"].to_list() == ["Épinards", "Pâtes", "Thé"]
    assert table.findings.select("row", "code", "severity").rows() == [(3, "encoding-mixed", "warning")]


def test_text_that_was_converted_twice_is_told_by_row() -> None:
    twice = "Pâtes d’été".encode().decode("cp1252").encode()
    table = csv.read(b"nom,prix\nKiwi,1\n" + twice + b",2\n")
    assert table.findings.select("code", "row").rows() == [("encoding-doubled", 3)]


def test_header_names_are_trimmed_and_empty_trailing_columns_left_out() -> None:
    table = csv.read(b"\xef\xbb\xbf name , price ,,\nKiwi,3,,\n")
    assert table.columns.columns == ["name", "price"]
    assert table.columns.rows() == [("Kiwi", "3")]


def test_a_header_of_two_lines_is_read_by_the_line_with_the_names() -> None:
    dialect = Dialect(delimiters=(";",), header_rows=2, header_row=2, other_header=("Nom", "Prix"))
    data = b"Nom;Prix\nname;price\nKiwi;3\n"
    table = csv.read(data, dialect)
    assert (table.columns.columns, table.rows.to_list()) == (["name", "price"], [3])
    assert csv.write(table.columns, dialect) == data


def test_headers_alone_make_an_empty_table() -> None:
    table = csv.read(b"producer,sku,name\n")
    assert (len(table), table.columns.columns) == (0, ["producer", "sku", "name"])


def test_null_values_and_spaces_are_empty_cells() -> None:
    table = csv.read(b'a,b,c\n NA ,"  ",x \n', Dialect(null_values=("NA",)))
    assert table.columns.rows() == [(None, None, "x")]


def test_the_separator_line_of_excel_is_left_out_as_excel_does() -> None:
    table = csv.read(b"sep=;\r\na;b\r\n1;2\r\n")
    assert (table.columns.rows(), table.rows.to_list()) == ([("1", "2")], [2])


def test_long_values_are_read_with_and_without_stray_quotes() -> None:
    for stray in ("", '5"'):
        table = csv.read(f"a,b\n{'x' * 500_000},y{stray}\n".encode())
        assert table.columns.select(pl.col("a").str.len_chars()).item() == 500_000
    error = refused(b"x" * 2_000_000 + b",b\n1,2\n")
    assert (error.code, error.place.row) == ("csv-field-size", 1)


def test_old_macintosh_line_ends_are_read() -> None:
    assert csv.read(b"a,b\r1,2\r3,4").columns.rows() == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"", "empty", None),
        (b"\xef\xbb\xbf \n\n", "empty", None),
        (b"a,b\n1,\x002\n", "nul", 2),
        ("a,b\n1,2\n".encode("utf-16-le"), "encoding", None),
        (b"\xff\xfea\x00,\x00b", "encoding", None),
        (b"a,b\n\x81\x8d,2\n", "encoding", 2),
        (b"PK\x03\x04....", "not-text", None),
        (b"%PDF-1.7", "not-text", None),
        (b"a,b,a\n1,2,3\n", "csv-header", 1),
        (b"a,,b\n1,2,3\n", "csv-header", 1),
        (b",,\n1,2,3\n", "csv-header", 1),
    ],
)
def test_files_that_cannot_be_used_are_refused_as_a_whole(data: bytes, code: str, row: int | None) -> None:
    error = refused(data)
    assert (error.code, error.place.row) == (code, row)


def test_sizes_are_capped() -> None:
    small = Limits(max_bytes=1000, max_field_bytes=20, max_rows=3, max_columns=4)
    assert refused(b"a,b\n" + b"1,2\n" * 300, limits=small).code == "too-large"
    error = refused(b"a,b\n1,2\n1," + b"x" * 30 + b"\n", limits=small)
    assert (error.code, error.place.row) == ("csv-field-size", 3)
    assert refused(b"a,b\n" + b"1,2\n" * 4, limits=small).code == "csv-rows"
    assert refused(b"a,b,c,d,e\n", limits=small).code == "csv-columns"


def test_a_path_that_is_absent_is_a_clear_error(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(InputError) as caught:
        csv.read(Path(str(tmp_path)) / "nothing.csv")
    assert caught.value.code == "file-missing"


def test_a_character_that_the_encoding_lacks_is_named() -> None:
    with pytest.raises(InputError) as caught:
        csv.write(pl.DataFrame({"a": ["x", "→"]}), Dialect(encodings=("cp1252",)))
    assert (caught.value.code, caught.value.place.row) == ("encoding", 3)


@pytest.mark.parametrize(
    "text", ['a\n\r"x"', 'a,b\n,\r"', 'a\n"x"\ra', 'a,b\n"1","x"\r \n', 'a\na\r""\n\r\n', 'a\n\r\r\n""x"']
)
def test_a_carriage_return_within_a_row_ends_no_row(text: str) -> None:
    table = csv.read(text.encode(), Dialect(trim=False))
    assert len(table) <= 2
    assert not any("\n" in cell for row in table.columns.rows() for cell in row if cell)


@pytest.mark.parametrize("text", [b'"a' * 500_000, b"a,b\n" + b',"x' * 500_000])
def test_hundreds_of_thousands_of_stray_quotes_are_refused_as_one_is(text: bytes) -> None:
    searched: list[int] = []

    class Counted(bytes):
        def find(self, *where: object) -> int:
            searched.append(1)
            return super().find(*where)  # type: ignore[arg-type]

    with pytest.raises(InputError) as caught:
        csv_scan.scan(Counted(text), ",")
    assert caught.value.code == "csv-quote"
    assert len(searched) < 10, "each quote looked through the rest of the file again"


@pytest.mark.parametrize(
    ("trim", "cell"), [(True, "x"), ("true", "x"), ("start", "x "), ("end", " x"), ("false", " x "), (False, " x ")]
)
def test_spaces_around_values_go_as_the_dialect_says(trim: bool | csv.Trim, cell: str) -> None:
    assert csv.read(b"a,b\n x ,1\n", csv.Dialect(trim=trim)).columns["a"].to_list() == [cell]
