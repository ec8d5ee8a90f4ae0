"""YARRRML compiles to the same mapping as RML."""

from types import SimpleNamespace as Kit

import pytest

from datahub.errors import DefinitionError
from datahub.mapping import lift, parse, plan
from datahub.mapping.model import Mapping, TriplesMap

RML = """
@prefix rml: <http://w3id.org/rml/> . @prefix fn: <https://w3id.org/datahub/ns/fn/> . @prefix ex: <http://ex.org/> .
@prefix dh: <https://w3id.org/datahub/ns/core/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#csv> rml:source "t.csv" ; rml:referenceFormulation rml:CSV .
<#product> dh:recordMap true ; rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:Product ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ; rml:language "fr" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:n ; rml:objectMap [ rml:reference "n" ; rml:datatype xsd:integer ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:page ; rml:objectMap [ rml:reference "url" ; rml:termType rml:IRI ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:text ; rml:objectMap [ rml:template "{name}: {n}" ; rml:termType rml:Literal ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:kind ; rml:object ex:Food, "food" ] ;
  rml:predicateObjectMap [ rml:predicate ex:item ; rml:objectMap [ rml:parentTriplesMap <#item> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ;
    rml:joinCondition [ rml:child "farm" ; rml:parent "code" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:label ; rml:graph ex:g ; rml:objectMap [ rml:constant ex:Bio ] ;
    rml:condition [ rml:functionExecution [ rml:function fn:equal ; rml:input
      [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "bio" ] ] ,
      [ rml:parameter fn:other ; rml:inputValue "1" ] ] ] ] .
<#item> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{sku}#item" ;
    rml:condition [ rml:functionExecution [ rml:function fn:notEmpty ; rml:input
      [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "price" ] ] ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:price ; rml:objectMap [ rml:datatype xsd:decimal ;
    rml:functionExecution [ rml:function fn:decimalComma ; rml:input
      [ rml:parameter fn:value ; rml:inputValueMap [ rml:functionExecution [ rml:function fn:trim ; rml:input
        [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "price" ] ] ] ] ] ] ] ] .
<#farm> rml:logicalSource [ rml:source "f.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$.farms[*]" ] ;
  rml:subjectMap [ rml:reference "code" ; rml:termType rml:BlankNode ] .
"""
YARRRML = """
prefixes: {ex: "http://ex.org/", fn: "https://w3id.org/datahub/ns/fn/"}
sources:
  products: ["t.csv~csv"]
mappings:
  product:
    record: true
    sources: products
    s: p/$(sku)
    po:
      - [a, ex:Product]
      - [ex:name, $(name), fr~lang]
      - [ex:n, $(n), xsd:integer]
      - [ex:page, $(url)~iri]
      - [ex:text, "$(name): $(n)"]
      - [ex:kind, [ex:Food~iri, food]]
      - {p: ex:item, o: {mapping: item}}
      - p: ex:by
        o:
          mapping: farm
          condition: {function: equal, parameters: [[str1, $(farm), s], [str2, $(code), o]]}
      - p: ex:label
        o: {value: ex:Bio, type: iri}
        graphs: ex:g
        condition: {function: fn:equal, parameters: [[fn:value, $(bio)], [fn:other, "1"]]}
  item:
    sources: products
    s: p/$(sku)#item
    condition: {function: fn:notEmpty, parameters: [[fn:value, $(price)]]}
    po:
      - p: ex:price
        o:
          function: fn:decimalComma
          parameters: [{parameter: fn:value, value: {function: fn:trim, parameters: [[fn:value, $(price)]]}}]
          datatype: xsd:decimal
  farm:
    sources: [["f.json~jsonpath", "$.farms[*]"]]
    s: _:$(code)
"""


def normal(mapping: Mapping) -> list[str]:
    """What the plan says, without the order of objects and inputs."""

    def one(m: TriplesMap) -> str:
        poms = sorted(
            f"{[str(p) for p in pom.predicates]} {sorted(map(str, pom.objects))} {[str(g) for g in pom.graphs]} {pom.condition}"
            for pom in m.properties
        )
        return f"{m.name} {m.source} {m.subject} {m.subject.type} {m.classes} {m.record} {poms}"

    return [one(m) for m in mapping.maps]


def test_a_yarrrml_twin_gives_the_same_mapping_as_rml() -> None:
    ours = parse(YARRRML, format="yarrrml")
    assert normal(ours) == normal(parse(RML))
    assert plan(ours).sources == plan(parse(RML)).sources


def test_escaped_references_and_external_values_are_text(kit: Kit) -> None:
    text = """
    prefixes: {ex: "http://ex.org/"}
    external: {city: Lyon}
    mappings:
      t:
        sources: [["t.csv~csv"]]
        s: p/$(id)
        po:
          - [ex:a, "costs \\\\$(5)"]
          - [ex:b, "$(_city)"]
    """
    frame = lift(parse(text, format="yarrrml"), {"t.csv": kit.table(id=["1"])}, kit.BASE).frame
    assert kit.lines(frame) == {'<p/1> <ex:a> "costs $(5)"', '<p/1> <ex:b> "Lyon"'}


def test_each_source_of_a_mapping_is_lifted(kit: Kit) -> None:
    text = """
    prefixes: {ex: "http://ex.org/"}
    mappings:
      t: {sources: [["t.csv~csv"], ["b.csv~csv"]], s: p/$(id), po: [[ex:is, {mapping: u}]]}
      u: {sources: [["t.csv~csv"], ["b.csv~csv"]], s: u/$(id)}
    """
    tables = {"t.csv": kit.table(id=["1"]), "b.csv": kit.table(id=["2"])}
    assert kit.lines(lift(parse(text, format="yarrrml"), tables, kit.BASE).frame) == {
        "<p/1> <ex:is> <u/1>",
        "<p/2> <ex:is> <u/2>",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "not valid YAML"),
        ("prefixes: {}", "a key “mappings” was expected"),
        ("mappings: {t: {s: x}}", "there is no source"),
        ("mappings: {t: {sources: x~parquet, s: x}}", "has to be like"),
        ("mappings: {t: {sources: x~csv, s: x, po: [[a]]}}", "needs a predicate and an object"),
        ("mappings: {t: {sources: x~csv, s: x, po: [[a, {mapping: no}]]}}", "there is no mapping “no”"),
        ("mappings: {t: {sources: x~csv, s: x, po: [[ex:p, x, english~lang]]}}", "is not a language tag"),
    ],
)
def test_mistakes_are_told_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(text, format="yarrrml")
    assert expected in caught.value.message.en
