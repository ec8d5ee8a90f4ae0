"""JSON as platforms publish it."""

import io
import json as stdlib_json
import zipfile

import pytest

from datahub.errors import DefinitionError, InputError
from datahub.rdf.terms import XSD
from datahub.sources import json, jsonpath
from datahub.sources.limits import Limits

PLACES = """{"places": [
  {"@id": "a", "label": {"fr": ["Gîte", "Refuge"], "en": ["Lodge"]}, "price": 4.20, "beds": 10, "open": true, "tags": [],
   "offers": [{"id": "o1", "amounts": [30, 40]}, {"id": "o2", "amounts": []}]},
  {"@id": "b", "label": {"fr": ["Camping"]}, "price": null, "beds": 2, "open": false, "offers": {"id": "o3", "amounts": 50}}
]}""".encode()


def test_references_name_members_lists_and_positions() -> None:
    table = json.read(PLACES, "$.places[*]", ["@id", "$.label.fr[*]", "label.en[0]", "$['price']", "open", "missing"])
    assert table.columns.rows() == [
        ("a", ["Gîte", "Refuge"], "Lodge", "4.20", "true", None),
        ("b", ["Camping"], None, None, "false", None),
    ]
    assert table.rows.to_list() == [1, 2]


@pytest.mark.parametrize("iterator", ["$[*]", "$"])
def test_members_have_names_in_any_script(iterator: str) -> None:
    data = '[{"libellé": "Miel", "prix": 5, "détail": {"größe": "500 g"}, "offres": [{"à": "x"}]}]'.encode()
    for text in (data, data[1:-1] + b"\n" + data[1:-1]):
        table = json.read(text, iterator, ["libellé", "prix", "détail.größe", "offres[*].à"])
        assert table.columns.rows()[0] == ("Miel", "5", "500 g", ["x"])


def test_numbers_keep_the_text_of_the_publisher_and_their_nature() -> None:
    table = json.read(PLACES, "$.places[*]", ["price", "beds", "open", "@id"])
    assert table.columns["price"].to_list() == ["4.20", None]
    assert table.types == {"price": XSD + "double", "beds": XSD + "integer", "open": XSD + "boolean"}


def test_an_inner_iteration_keeps_the_row_and_sees_what_encloses_it() -> None:
    table = json.read(PLACES, "$.places[*].offers[*]", ["id", "amounts[*]", "^['@id']", "^^.places[0].beds", "^^^.x"])
    assert table.columns.rows() == [
        ("o1", ["30", "40"], "a", "10", None),
        ("o2", None, "a", "10", None),
        ("o3", ["50"], "b", "10", None),
    ]
    assert table.rows.to_list() == [1, 1, 2]


def test_a_reference_to_a_list_is_reported_with_its_fix() -> None:
    table = json.read(PLACES, "$.places[*]", ["label.fr"])
    assert table.columns["label.fr"].to_list() == [None, None]
    assert table.findings.select("code", "row", "column").rows() == [("json-not-plain", 1, "label.fr")]
    assert "label.fr[*]" in table.findings["fix_en"][0]


def test_an_array_is_its_items() -> None:
    for iterator in ("$", "$[*]"):
        assert json.read(b'[{"a": "1"}, {"a": ""}]', iterator, ["$.a"]).columns.rows() == [("1",), (None,)]


def test_one_object_is_one_row() -> None:
    table = json.read(b'\xef\xbb\xbf{"a": {"b": "x"}}', "$", ["a.b"], name="object")
    assert (table.name, table.columns.rows(), table.rows.to_list()) == ("object", [("x",)], [1])


def test_json_lines_are_rows_and_a_broken_line_is_left_out() -> None:
    data = b'{"a": "1"}\n\n{"a": \n{"a": "3"}\n'
    for iterator in ("$", "$[*]"):
        table = json.read(data, iterator, ["a"])
        assert table.columns.rows() == [("1",), ("3",)]
        assert table.rows.to_list() == [1, 4]
        assert table.findings.select("severity", "row").rows() == [("violation", 3)]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_an_archive_of_objects_has_a_row_per_file() -> None:
    data = zipped({"b/2.json": b'{"a": "2"}', "a/1.json": b'{"a": "1"}', "__MACOSX/x.json": b"?", "readme.txt": b"x"})
    assert json.read(data, "$", ["a"]).columns.rows() == [("1",), ("2",)]
    with pytest.raises(InputError) as caught:
        json.read(zipped({"1.json": b"{"}), "$", ["a"])
    assert caught.value.place.file == "1.json"
    with pytest.raises(InputError, match="no JSON file"):
        json.read(zipped({"1.txt": b"{"}), "$", ["a"])


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"", "empty", None),
        (b" \n", "empty", None),
        (b'{"a": 1,\n "b": }', "json", 2),
        (b'{"a": 1,\n "b": 2', "json", 2),
        (b'{"a": "x\ny"}', "json", 1),
        (b"<html></html>", "json", 1),
        (b"not\njson\nat all", "json", 1),
        (b'{"a": ' * 2000 + b"1" + b"}" * 2000, "too-deep", 1),
        (b'{"a": "\x00"}', "nul", 1),
        (b"%PDF", "not-text", None),
        (b"PK\x03\x04broken", "zip-damaged", None),
    ],
)
def test_what_is_not_json_is_refused_in_both_languages(data: bytes, code: str, row: int | None) -> None:
    with pytest.raises(InputError) as caught:
        json.read(data, "$", ["a"])
    error = caught.value
    assert (error.code, error.place.row) == (code, row)
    assert error.message.en != error.message.fr


def test_sizes_are_capped() -> None:
    for limits in (Limits(max_rows=2), Limits(max_bytes=5)):
        with pytest.raises(InputError):
            json.read(b'[{"a": 1}, {"a": 2}, {"a": 3}]', "$[*]", ["a"], limits=limits)


@pytest.mark.parametrize("start", [b"[", b'{"a":'])
def test_nesting_without_end_is_refused_before_it_takes_the_stack(start: bytes) -> None:
    with pytest.raises(InputError) as caught:
        json.read(start * 200_000, "$", ["a"])
    assert caught.value.code == "too-deep"


def test_values_of_one_member_keep_each_their_own_datatype() -> None:
    table = json.read(b'[{"a": 1}, {"a": 2.50}, {"a": "x"}, {"a": true}, {}]', "$[*]", ["a"])
    assert table.columns["a"].to_list() == ["1", "2.50", "x", "true", None]
    kept = [None if name is None else name.rpartition("#")[2] for name in table.columns[table.mixed["a"]]]
    assert kept == ["integer", "double", "string", "boolean", None]


def test_what_the_mapping_does_not_read_may_have_any_form() -> None:
    """A parser that knows what is read passes over the rest; where the form surprises it, nothing is lost."""
    data = b'[{"a": {"b": 1}}, {"a": 7, "z": [[1]]}, {"a": [{"b": 2}]}, 5, null, {"a": {"b": "x"}}]'
    assert json.read(data, "$[*]", ["a.b"]).columns["a.b"].to_list() == ["1", None, None, None, "x"]


def test_a_latin_file_is_read_and_told() -> None:
    table = json.read('{"a": "été"}'.encode("latin-1"), "$", ["a"])
    assert table.columns.rows() == [("été",)]
    assert table.findings["code"].to_list() == ["encoding-repaired"]


@pytest.mark.parametrize("path", ["$.students[*]]", "$..a", "$[?(@.a)]", "a[1:2]", "$.a[", "a..b"])
def test_paths_that_are_not_understood_are_named(path: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        jsonpath.parse(path)
    assert path in caught.value.message.fr


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Country Code", ["x"]),
        ("$['a.b'][\"it's\"]", ["y"]),
        ("rdfs:label.fr[*]", ["u", "v"]),
        ("list[-1]", ["v"]),
        ("list[9]", [None]),
        ("one[*].n", ["1"]),
        ("many.*.n", ["2", "3"]),
        ("scalar[*]", ["s"]),
        ("$", [None]),
    ],
)
def test_paths_find_what_they_say(path: str, found: list[str | None]) -> None:
    item = {
        "Country Code": "x",
        "a.b": {"it's": "y"},
        "rdfs:label": {"fr": ["u", "v"]},
        "list": ["u", "v"],
        "one": {"n": "1"},
        "many": {"p": {"n": "2"}, "q": {"n": "3"}},
        "scalar": "s",
    }
    values = jsonpath.collect([item], jsonpath.parse(path).steps)[0]
    assert [v if isinstance(v, str) else None for v in values] == found


def test_members_of_any_name_are_read_whatever_their_neighbours_are_called() -> None:
    names = ["class", "_x", "__dict__", "a b", "é", "5", "f0", "_5f78", "id"]
    record = {name: f"value of {name}" for name in names}
    references = [f"['{name}']" for name in names]
    table = json.read(stdlib_json.dumps([record, {}, {"id": None}]).encode(), "$[*]", references)
    assert table.columns.row(0) == tuple(record.values())
    assert table.columns.row(1) == (None,) * len(names)


def test_iterations_over_one_document_give_what_each_gives_alone() -> None:
    data = b'[{"id": 1, "parts": [{"n": "x"}, {"n": 2.50}]}, {"id": "b", "parts": []}, null, {"parts": [{"n": true}]}]'
    iterations = [("$[*]", ["id"]), ("$[*].parts[*]", ["n", "^.id"]), ("$", ["id", "parts[*].n"])]
    together = json.read_all(data, iterations)
    for table, (iterator, references) in zip(together, iterations, strict=True):
        alone = json.read(data, iterator, references)
        assert table.columns.equals(alone.columns)
        assert table.rows.equals(alone.rows)
        assert table.types == alone.types
