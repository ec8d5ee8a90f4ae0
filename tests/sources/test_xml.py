"""XML by XPath, with nothing that reaches out."""

import pytest

from datahub.errors import DefinitionError, InputError
from datahub.sources import xml
from datahub.sources.limits import Limits

STUDENTS = b"""<?xml version="1.0" encoding="utf-8"?>
<students xmlns="http://e/d" xmlns:o="http://e/o">
  <student id="1"><name>Venus &amp; <b>Co</b></name><sport>Tennis</sport><sport>Football</sport></student>
  <student id="2"><name></name><o:note>x</o:note></student>
</students>"""


def test_references_are_read_from_each_node() -> None:
    table = xml.read(
        STUDENTS, "/students/student", ["@id", "name", "o:note/text()", "sport", "../student[1]/@id", "count(sport)"]
    )
    assert table.columns.rows() == [
        ("1", "Venus & Co", None, ["Tennis", "Football"], "1", "2"),
        ("2", None, "x", None, "1", "0"),
    ]
    assert table.rows.to_list() == [1, 2]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<a><b></a>", "syntax"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml-doctype"),
        (b"<a>" * 500 + b"</a>" * 500, "too-deep"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        (b"PK\x03\x04", "not-text"),
    ],
)
def test_broken_and_hostile_documents_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        xml.read(data, "/a", ["b"])
    assert caught.value.code == code


def test_paths_that_cannot_be_read_are_named() -> None:
    for path in ("/students/student[", "p:name", "nonsense()"):
        with pytest.raises(DefinitionError):
            xml.read(STUDENTS, "/students/student", [path])


def test_numbers_are_written_as_xpath_writes_them() -> None:
    numbers = {"count(sport)": "2", "0.0000001": "0.0000001", "1 div 3": "0.3333333333333333", "number(name)": "NaN"}
    numbers |= {"1 div 0": "Infinity", "-1 div 0": "-Infinity", "4 * 1024": "4096", "-0.5": "-0.5"}
    table = xml.read(STUDENTS, "/students/student[1]", list(numbers))
    assert table.columns.row(0) == tuple(numbers.values())


def test_rows_are_capped() -> None:
    with pytest.raises(InputError):
        xml.read(STUDENTS, "/students/student", ["name"], limits=Limits(max_rows=1))
