"""A two-way connector of nested JSON: objects, arrays and what encloses a record are rebuilt, and the loss is exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.connectors import Connector
from datahub.connectors.check import check, record
from tests.connectors.packages import BASE, Package
from tests.connectors.test_made_up import is_exact, lines, read

MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix fn: <https://w3id.org/datahub/ns/fn/> .
@prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://ex.org/> .
@base <https://w3id.org/datahub/connectors/made/> .
<#t> rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$.producers[*].products[*]" .
<#p> dh:recordMap true ; rml:logicalSource <#t> ; rml:subjectMap [ rml:template "p/{_key}" ; rml:class ex:P ] ;
  rml:predicateObjectMap [ rml:predicate ex:sku ; rml:objectMap [ rml:reference "sku" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "names[*]" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:weight ; rml:objectMap [ rml:reference "size.weight" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:tag ; rml:objectMap [ rml:reference "labels[*].code" ; rml:language "fr" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:season ; rml:objectMap [ rml:reference "^^.season" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:price ; rml:objectMap [ rml:parentTriplesMap <#price> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ] .
<#price> rml:logicalSource <#t> ; rml:subjectMap [ rml:template "p/{_key}#price" ; rml:class ex:Price ] ;
  rml:predicateObjectMap [ rml:predicate ex:amount ; rml:objectMap [ rml:functionExecution [ rml:function fn:decimal ;
    rml:input [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "price.amount" ] ] ] ; rml:return fn:out ] ] .
<#farm> rml:logicalSource <#t> ; rml:subjectMap [ rml:template "f/{^.id}" ; rml:class ex:Farm ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "^.name" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:city ; rml:objectMap [ rml:reference "^.address.city" ] ] .
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Connector:
    text = {"en": "made", "fr": "inventé"}
    definition = {
        "name": "made", "title": text, "description": text, "format": {"version": "1", "described": "https://ex.org/"},
        "profile": "food", "directions": ["in", "out"],
        "variants": [{"name": "made", "kind": "json", "signs": ["producers"], "identifier": {"keys": [{"columns": ["sku"]}]}}],
    }  # fmt: skip
    return Package(MAPPING, definition).written(tmp_path_factory.mktemp("nested"))


DOCUMENT: dict[str, Any] = {
    "season": "2026",
    "producers": [
        {
            "id": "a",
            "name": "Ferme A",
            "address": {"city": "Die"},
            "products": [
                {
                    "sku": "1",
                    "names": ["Pomme", "Api"],
                    "size": {"weight": 3},
                    "labels": [{"code": "AB"}, {"code": "N"}],
                },
                {"sku": "2", "names": ["Poire"], "price": {"amount": "2.50"}},
            ],
        },
        {"id": "b", "name": "Jardin", "products": [{"sku": "3", "size": {"weight": 0.5}, "price": {"amount": "4"}}]},
    ],
}


def data(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def test_a_nested_document_is_written_as_it_was(one: Connector) -> None:
    first = one.lift(data(DOCUMENT), BASE, "t.json")
    lowering = one.lower(first.frame, BASE)
    assert lowering.media_type == "application/json"
    assert json.loads(lowering.data) == DOCUMENT
    assert lowering.loss.lost == lowering.loss.added.height == 0


def test_the_package_passes_its_own_check(one: Connector) -> None:
    samples = one.folder / "samples"
    samples.mkdir(exist_ok=True)
    (samples / "t.json").write_bytes(data(DOCUMENT))
    assert record(one)
    assert [result.detail for result in check(one)] == [None]


def test_what_json_has_no_place_for_is_listed(one: Connector, tmp_path: Path) -> None:
    assert one.columns.filter(column="^.address.city")["invertible"].all()
    turtle = MAPPING.replace('"size.weight"', '"price"')
    bad = Package(turtle, json.loads((one.folder / "connector.yaml").read_text())).written(tmp_path)
    assert bad.columns.filter(column="price.amount").select("invertible", "reason").rows() == [(False, "no-place")]


names = st.sampled_from(["Pomme", "Poire", "é", "a b"])
products = st.fixed_dictionaries(
    {},
    optional={
        "names": st.lists(names, unique=True, max_size=2),
        "size": st.fixed_dictionaries({"weight": st.integers(0, 5)}),
        "labels": st.lists(st.fixed_dictionaries({"code": names}), max_size=2, unique_by=lambda label: label["code"]),
        "price": st.fixed_dictionaries({"amount": st.sampled_from(["1", "2.50", "x"])}),
    },
)
farms = st.fixed_dictionaries(
    {"products": st.lists(products, max_size=2)},
    optional={"name": names, "address": st.fixed_dictionaries({"city": names})},
)


@settings(deadline=None, max_examples=30)
@given(st.lists(farms, min_size=1, max_size=3), st.booleans())
def test_any_document_comes_back_but_for_the_loss(one: Connector, found: list[dict[str, Any]], numbered: bool) -> None:
    number = 0
    for at, farm in enumerate(found):
        if numbered:
            farm["id"] = str(at)
        for product in farm["products"]:
            product["sku"] = str(number := number + 1)
    first = one.lift(data({"producers": found}), BASE, "t.json")
    lowering = one.lower(first.frame, BASE)
    again = read(one, lowering)
    is_exact(lowering.loss, first.frame, again)
    if not lowering.loss.lost and not lowering.loss.added.height:
        assert again == lines(first.frame)
        twice = one.lift(lowering.data, BASE, "t.json")
        assert one.lower(twice.frame, BASE).data == lowering.data
    if numbered and not first.refused.len():
        assert lowering.loss.lost == 0
