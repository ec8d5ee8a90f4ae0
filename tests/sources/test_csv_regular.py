"""A file is read the same, whichever of the two readers of CSV takes it."""

from __future__ import annotations

import csv as stdlib_csv
import io
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.sources import csv, csv_careful, csv_regular, encoding
from datahub.sources.csv import Dialect
from datahub.sources.csv_records import Records
from datahub.sources.limits import DEFAULT, Limits

PIECES = st.sampled_from(
    ['a,"', '"a', "a", "bé", "", ",", ",", ";", "\n", "\n", "\r\n", "\r", '"', '""', '"x"', ',"y, z"', '"1\n2"', " "]
)
DIALECT = Dialect(delimiters=(",",))


def regular(text: str, dialect: Dialect = DIALECT, limits: Limits = DEFAULT) -> Records | None:
    try:
        return csv_regular.records(text.encode(), dialect, ",", limits)
    except InputError:  # of the header; the careful reader words the same
        return None


def careful(text: str, dialect: Dialect = DIALECT) -> Records:
    data = text.encode()
    return csv_careful.records(encoding.Decoded(data), data, dialect, ",", DEFAULT)


@given(
    header=st.sampled_from(["a\n", "a,b\n", "a,b,c\n", '"a",b\r\n']),
    pieces=st.lists(PIECES, max_size=14),
    rows=st.integers(0, 2),
)
@example(header="a\n", pieces=['","a"\n""a"'], rows=1)
@example(header='"a"\r\n', pieces=['"aa,"aa"\n""\r"'], rows=1)
@example(header="a,b\n", pieces=["1,2,3\n", "4"], rows=1)
@example(header="a,b\n", pieces=["1,2,\n", "4"], rows=1)
@example(header="a,b\n", pieces=['1,"2"\n', '"3', '""', ',4",5'], rows=1)
@settings(max_examples=600)
def test_what_is_counted_as_regular_is_what_the_careful_reader_finds(header: str, pieces: list[str], rows: int) -> None:
    text = header * max(rows, 1) + "".join(pieces)
    dialect = replace(DIALECT, header_rows=rows)
    found = regular(text, dialect)
    if found is None:
        return
    other = careful(text, dialect)
    assert found.header == other.header
    assert found.columns.fill_null("").equals(other.columns.fill_null(""))
    assert found.rows.equals(other.rows)
    assert other.findings.is_empty()


@given(st.text('a",\n\r', max_size=14), st.sampled_from(["", "a\n", "a,b\n"]))
@settings(max_examples=1000)
@example('"aa,"aa"\n""\r"', "a\n")
def test_quotes_in_any_place_are_judged_alike(body: str, header: str) -> None:
    """Value by value and finding by finding, by both readers of the whole file."""
    dialect = replace(DIALECT, header_rows=1 if header else 0)
    found = regular(header + body, dialect)
    if found is None:
        return
    other = careful(header + body, dialect)
    assert found.columns.fill_null("").equals(other.columns.fill_null(""))
    assert found.rows.equals(other.rows)
    assert other.findings.is_empty()


ESCAPED = {*map(chr, range(0x20)), "\x7f", '"', "\\"}


@given(
    st.lists(st.text('ab"\\\n\r\t\x7fé, ', max_size=5), min_size=2, max_size=8), st.sampled_from(",;\t"), st.booleans()
)
def test_what_is_known_as_plain_has_nothing_to_escape(cells: list[str], delimiter: str, quoted: bool) -> None:
    out = io.StringIO()
    quoting = stdlib_csv.QUOTE_ALL if quoted else stdlib_csv.QUOTE_MINIMAL
    writer = stdlib_csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerows([["x", "y"], *zip(cells[::2], cells[1::2], strict=False)])
    try:
        table = csv.read(out.getvalue().encode(), Dialect(delimiters=(delimiter,), trim=False))
    except InputError:
        return
    held = {letter for row in table.columns.rows() for cell in row for letter in cell or ""}
    assert not (table.plain and held & ESCAPED)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n3,4",
        'a,b\n"1, x","2 ""y"""\n"3\n\n4",\n',
        'a,b\n"",\n',
        "a\n1\n2\n",
        "a,b\n1,\n",
    ],
)
def test_ordinary_files_are_regular(text: str) -> None:
    found = regular(text)
    assert found is not None
    assert found.columns.fill_null("").equals(careful(text).columns.fill_null(""))


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2,3\n4\n",  # one row too long, one too short
        "a,b\n1,2\n\n3,4\n",
        'a,b\n1,2"x\n',
        'a,b\n"1"x,2\n',
        'a,b\n"1,2\n',
        "a,b\n1\r2,3\n",
        "a,b\n",
        "a,b\n1,2\n\n\n",
    ],
)
def test_anything_odd_is_left_to_the_careful_reader(text: str) -> None:
    assert regular(text) is None


def test_limits_are_left_to_the_careful_reader_which_words_them() -> None:
    assert regular("a,b\n1,2\n3,4\n", limits=replace(DEFAULT, max_rows=1)) is None
    assert regular("a,b\n1,222\n", limits=replace(DEFAULT, max_field_bytes=2)) is None
    assert regular("a,b\n1,2\n", limits=replace(DEFAULT, max_columns=1)) is None


def test_a_windows_file_without_oddities_is_regular_once_decoded() -> None:
    found = csv.read_regular("nom,prix\nœuf,2\n".encode("cp1252"), name="x")
    assert found is not None
    table, count = found
    assert table.columns["nom"].to_list() == ["œuf"]
    assert table.findings["code"].to_list() == ["encoding-repaired"]
    assert count == 1


def test_a_quote_in_the_header_that_never_closes_takes_time_in_proportion() -> None:
    assert csv_regular.header_end(b'"a' + b"\n" * 4_000_000, 1, '"') is None  # quadratic time would not end today
