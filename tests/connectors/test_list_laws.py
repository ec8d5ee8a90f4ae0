"""The laws of going both ways for drafts of JSON and XML whose records hold lists of objects, on files made up for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from datahub.connectors import Connector, connector
from datahub.connectors.scaffold import scaffold

BASE = "https://hub.example/r/"
SPACE, OTHER = "http://shop.example/ns", "http://shop.example/more"
modest = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])

Record = dict[str, Any]

SAMPLE: list[Record] = [
    {"ref": "A1", "nom": "Miel", "producteur": "Rucher du Lac", "tags": ["bio", "local"],
     "offres": [{"libellé": "pot 250 g", "prix": "5.5", "stock": "3"}, {"libellé": "pot 1 kg", "prix": "14", "stock": "10"}]},
    {"ref": "A2", "nom": "Pain", "producteur": "Fournil", "offres": [{"libellé": "la pièce", "prix": "3.2", "stock": "7"}]},
    {"ref": "A3", "nom": "Sel", "producteur": "Marais", "offres": []},
]  # fmt: skip

SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co"])
TEXTS = st.text(SIGNS, min_size=1, max_size=6) | st.sampled_from(
    ["Ferme des Prés", "a & b <c>", "]]>", 'dit "le vieux"', "l'œuf", "{x}", "\\", "été 2026"]
)
REFS = st.from_regex(r"[A-Za-z0-9][A-Za-zé0-9 .~/-]{0,5}[a-z0-9]", fullmatch=True)
NUMBERS = st.decimals(0, 999, places=2, allow_nan=False).map(lambda number: format(Decimal(number).normalize(), "f"))


@st.composite
def files(draw: st.DrawFn) -> list[Record]:
    """Records with what they need, and of what they may have whatever comes."""
    records = []
    for ref in draw(st.lists(REFS, min_size=1, max_size=4, unique=True)):
        record: Record = {"ref": ref, "nom": draw(TEXTS)}
        if draw(st.booleans()):
            record["producteur"] = draw(st.sampled_from(["Rucher du Lac", "Fournil d'Émile"]))
        offers = st.fixed_dictionaries(
            {"prix": NUMBERS}, optional={"libellé": TEXTS, "stock": st.integers(0, 99).map(str)}
        )
        record["offres"] = draw(st.lists(offers, max_size=3))
        records.append(record)
    return records


def as_json(records: list[Record]) -> bytes:
    return json.dumps(
        [
            {
                **({} if "producteur" not in each else {"producteur": {"nom": each["producteur"]}}),
                **{name: each[name] for name in ("ref", "nom", "tags") if name in each},
                "offres": [{name: _plain(name, value) for name, value in offer.items()} for offer in each["offres"]],
            }
            for each in records
        ],
        ensure_ascii=False,
    ).encode()


def _plain(name: str, value: str) -> object:
    return value if name == "libellé" else json.loads(value)


def as_xml(records: list[Record], space: str = "", other: str = "") -> bytes:
    name: Callable[[str], str] = lambda local: f"{{{space}}}{local}" if space else local  # noqa: E731
    odd: Callable[[str], str] = lambda local: f"{{{other}}}{local}" if other else local  # noqa: E731
    root = etree.Element(name("catalogue"), nsmap={None: space, "m": other} if space else None)
    for each in records:
        product = etree.SubElement(root, name("product"), ref=each["ref"])
        etree.SubElement(product, name("nom")).text = each["nom"]
        if "producteur" in each:
            etree.SubElement(etree.SubElement(product, name("producteur")), name("nom")).text = each["producteur"]
        for offer in each["offres"]:
            item = etree.SubElement(product, odd("offre"))
            for key, value in offer.items():
                if key == "libellé":
                    item.set("libellé", value)
                else:
                    etree.SubElement(item, odd(key)).text = value
    found: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def as_xml_in_namespaces(records: list[Record]) -> bytes:
    return as_xml(records, SPACE, OTHER)


def json_content(data: bytes) -> object:
    """Empty lists and objects are not written; no other difference counts."""

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: told(inner) for name, inner in sorted(value.items()) if inner not in ([], {})}
        return [told(each) for each in value] if isinstance(value, list) else value

    return told(json.loads(data))


def xml_content(data: bytes) -> object:
    """The order of elements of different names does not count, nor do spaces between elements."""

    def told(element: Any) -> object:
        children = sorted((told(child) for child in element), key=lambda child: child[0])  # type: ignore[index]
        text = "" if children else (element.text or "")
        return (element.tag, sorted(element.attrib.items()), text, children)

    return told(etree.fromstring(data))


FORMS: dict[str, tuple[str, Callable[[list[Record]], bytes], Callable[[bytes], object]]] = {
    "json": ("json", as_json, json_content),
    "xml": ("xml", as_xml, xml_content),
    "xml in namespaces": ("xml", as_xml_in_namespaces, xml_content),
}


@pytest.fixture(scope="module", params=FORMS)
def form(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Connector, Callable[[list[Record]], bytes], Callable[[bytes], object]]:
    """A draft made of the sample, what writes its files by itself, and what counts in them."""
    extension, native, content = FORMS[request.param]
    folder = tmp_path_factory.mktemp("lists")
    sample = folder / f"sample.{extension}"
    sample.write_bytes(native(SAMPLE))
    said = {"offres libellé": "offer name", "offre libellé": "offer name"}
    title = "offres libellé" if extension == "json" else "offre libellé"
    made = scaffold("mine", sample, folder / "new", record_class="dfc-b:SuppliedProduct", said={title: said[title]})
    assert made.read_only is None
    return connector(str(made.folder)), native, content


def lines(one: Connector, data: bytes) -> set[str]:
    lift = one.lift(data, BASE)
    assert not lift.refused.len()
    return set(lift.frame.canonical_lines())


def test_a_file_with_lists_comes_back_as_it_was(form: Any) -> None:
    one, native, content = form

    @modest
    @given(files())
    def law(records: list[Record]) -> None:
        data = native(records)
        first = one.lift(data, BASE)
        lowering = one.lower(first.frame, BASE)
        again = lines(one, lowering.data)
        missing = set(first.frame.canonical_lines()) - again
        told = lowering.loss.table.select("field", "reason", "count", "example_value").rows()
        assert lowering.loss.lost == len(missing), (sorted(missing), told)
        assert not lowering.loss.lost, told
        assert not lowering.loss.added.height
        assert again == set(first.frame.canonical_lines()), "lift, lower, lift is lift"
        assert content(lowering.data) == content(data), "lower after lift changes nothing"
        assert one.lower(one.lift(lowering.data, BASE).frame, BASE).data == lowering.data

    law()
