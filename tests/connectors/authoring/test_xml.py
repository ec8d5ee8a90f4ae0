"""Connectors drafted from XML: where the records are, what they hold, and a draft that reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from datahub.connectors.authoring.elements import elements
from datahub.connectors.authoring.sample import LIMITS
from datahub.connectors.connector import connector
from datahub.connectors.look import look
from datahub.connectors.scaffold import scaffold
from datahub.errors import InputError
from datahub.rdf.compare import same

SHOP = """<?xml version="1.0" encoding="UTF-8"?>
<catalogue xmlns="http://shop.example/ns" xmlns:g="http://base.google.com/ns/1.0">
  <info><title>Ferme</title></info>
  <products>
    <product sku="CAR-1"><name>Carottes</name><price currency="EUR">2.50</price><g:quantity unit="kg">1</g:quantity>
      <producer><name>Ferme A</name></producer><tag>bio</tag><tag>local</tag>
      <offer><price>1</price></offer><offer><price>2</price></offer></product>
    <product sku="POM-2"><name>Pommes</name><price currency="EUR">3.10</price><g:quantity unit="kg">2</g:quantity>
      <producer><name>Ferme B</name></producer></product>
    <product sku="POI-3"><name>Poires</name><price currency="EUR">4.00</price><g:quantity unit="kg">1</g:quantity>
      <producer><name>Ferme A</name></producer><tag>bio</tag></product>
  </products>
</catalogue>
"""


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "sample.xml"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_draft_from_xml_reads_its_sample(tmp_path: Path, encoding: str) -> None:
    data = SHOP.replace("UTF-8", "UTF-16" if encoding == "utf-16" else "UTF-8").encode(encoding)
    made = scaffold("ferme", saved(tmp_path, data), tmp_path / "made")
    assert made.draft.model.type == "dfc-b:SuppliedProduct"
    found = {guess.column.name: guess.slot.predicate for guess in made.draft.guesses if guess.slot}
    assert found["@sku"] == "dfc-b:sku"
    assert found["name"] == "dfc-b:name"
    assert found["price/@currency"] == "dfc-b:hasUnit"
    assert found["g:quantity"] == found["price"] == "dfc-b:value"
    assert [each.columns for each in made.keys.keys] == [("@sku",)]
    assert made.read_only is None
    lifted = connector(str(made.folder)).lift(data, "https://ferme.example/")
    lines = lifted.frame.canonical_lines().to_list()
    name = "<https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#name>"
    assert lifted.read == 3
    assert not lifted.refused.len()
    assert f'<https://ferme.example/products/CAR-1> {name} "Carottes" .' in [line.strip() for line in lines]


@pytest.mark.parametrize(
    ("text", "iterator", "names"),
    [
        ("<all><p><a>1</a></p><p><a>2</a></p></all>", "/all/p", ["a"]),
        ("<all><head><x>1</x></head><p><a>1</a></p><p><a>2</a></p></all>", "/all/p", ["a"]),
        ("<p id='1'><b><c>x</c></b></p>", "/p", ["@id", "b/c"]),
        ("<all><m><p><a>1</a><b/></p></m><m><p><a>2</a></p></m></all>", "/all/m/p", ["a"]),
        ("<all><p><l><a>1</a></l><l><a>2</a></l><n>x</n></p><p><n>y</n></p></all>", "/all/p", ["l/a", "n"]),
        ("<all xmlns='urn:d'><p><a>1</a></p><p><a>2</a></p></all>", "/all/p", ["a"]),
        ("<x:all xmlns:x='urn:d'><x:p><x:a>1</x:a></x:p><x:p><x:a>2</x:a></x:p></x:all>", "/x:all/x:p", ["x:a"]),
        (
            "<all><p xmlns='urn:d'><a>1</a></p><p xmlns='urn:d'><a>2</a></p></all>",
            "/all/*[local-name()='p']",
            ["*[local-name()='a']"],
        ),
    ],
)
def test_the_element_that_repeats_is_the_record(text: str, iterator: str, names: list[str]) -> None:
    found = elements(text.encode(), LIMITS)
    assert found.iterator == iterator
    assert list(found.paths) == names


def test_what_repeats_within_a_record_with_elements_or_attributes_of_its_own_is_a_list() -> None:
    found = elements(SHOP.encode(), LIMITS)
    assert dict(found.lists) == {"offer": "offer"}
    assert found.paths["offer/price"] == "offer price"
    assert found.paths["producer/name"] == "producer name"
    assert dict(found.spaces) == {"": "http://shop.example/ns", "g": "http://base.google.com/ns/1.0"}
    plain = elements(b"<all><p><i k='1'/><i k='2'/><t l='fr'>x</t><t l='en'>y</t></p><p><i k='3'/></p></all>", LIMITS)
    assert dict(plain.lists) == {"i": "i"}, "a text with an attribute is a value"


def test_of_a_long_list_the_first_elements_are_looked_at() -> None:
    offers = "".join(f"<o><e{number}>1</e{number}></o>" for number in range(2_000))
    found = elements(f"<all><p><n>x</n>{offers}</p><p><n>y</n></p></all>".encode(), LIMITS)
    assert found.iterator == "/all/p"
    assert len(found.paths) == 51


def test_what_is_nested_too_deep_is_told() -> None:
    found = elements(b"<all><p><a><b><c><d><e><f>1</f></e></d></c></b></a><n>x</n></p><p><n>y</n></p></all>", LIMITS)
    assert (found.left_out, list(found.paths)) == (("a b c d e",), ["n"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a/>", "sample-records"),
        (b"<a>text</a>", "sample-records"),
        (SHOP.encode()[:-40], "syntax"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><all><p><a>&x;</a></p></all>', "xml-doctype"),
        (b"<all><name><name>1</name><name>2</name></name><name><name>3</name></name></all>", "sample-identifier"),
        (b'[{"name": ["1", "2"]}, {"name": ["3"]}]', "sample-identifier"),
    ],
)
def test_a_sample_of_which_nothing_can_be_made_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        scaffold("x", saved(tmp_path, data), tmp_path / "made")
    assert refused.value.code == code
    assert not (tmp_path / "made").exists()


PRICED = """<all>
<product sku="1"><name>Carottes &amp; fanes</name><price currency="EUR">2.50</price>
  <producer><name>Ferme A</name></producer></product>
<product sku="2"><name>Pommes</name><price currency="EUR">3.10</price>
  <producer><name>Ferme B</name></producer></product>
</all>"""
PRODUCTS = (
    "<all><product><sku>1</sku><name>Carottes</name></product><product><sku>2</sku><name>Pommes</name></product></all>"
)


def test_two_values_of_what_records_are_known_by_are_told(tmp_path: Path) -> None:
    made = scaffold("ferme", saved(tmp_path, PRODUCTS.encode()), tmp_path / "made")
    again = PRODUCTS.replace("<sku>2</sku>", "<sku>2</sku><sku>3</sku>")
    with pytest.raises(InputError) as refused:
        connector(str(made.folder)).lift(again.encode(), "https://ferme.example/")
    assert refused.value.code == "identifier-several"
    assert (refused.value.place.row, refused.value.place.column) == (2, "sku")


def test_another_xml_is_not_taken_for_it(tmp_path: Path) -> None:
    made = scaffold("ferme", saved(tmp_path, PRODUCTS.encode()), tmp_path / "made")
    with pytest.raises(InputError) as refused:
        connector(str(made.folder)).lift(b"<all><place><lat>1</lat></place></all>", "https://ferme.example/")
    assert refused.value.code == "not-this-format"
    assert "sku" in refused.value.message.fr


def test_a_draft_of_plain_names_goes_both_ways(tmp_path: Path) -> None:
    made = scaffold("ferme", saved(tmp_path, PRICED.encode()), tmp_path / "made")
    assert made.read_only is None
    both = connector(str(made.folder))
    lifted = both.lift(PRICED.encode(), "https://ferme.example/")
    lowered = both.lower(lifted.frame, "https://ferme.example/")
    assert b'<product sku="1"><name>Carottes &amp; fanes</name>' in lowered.data
    assert b'<price currency="EUR">2.5' in lowered.data
    again = both.lift(lowered.data, "https://ferme.example/")
    assert same(again.frame, lifted.frame)
    assert lowered.loss.lost == 0


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (SHOP, "xml"),
        ("<rss version='2.0'/>", "xml"),
        ("<!-- x --><all/>", "xml"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "rdf"),
        (
            '<e:B xmlns:e="http://e/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:about="http://e/a"/>',
            "rdf",
        ),
        ('<http://e/a> <http://e/p> "x" .\n', "rdf"),
        ('<urn:x> <http://e/p> "x" .\n', "rdf"),
        ("@prefix a: <http://a/> . a:b a a:c .", "rdf"),
        ("a;b\n<i>x</i>;2\n", "csv"),
    ],
)
def test_xml_is_told_from_rdf(text: str, form: str) -> None:
    assert look(text.encode()).form == form
