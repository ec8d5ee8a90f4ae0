"""The list of columns leaves nothing out: each column that a mapping reads is there, and what can't be read back says why."""

from types import SimpleNamespace as Kit

import polars as pl
import pytest

from datahub.connectors import connectors
from datahub.connectors.tabular import Tabular
from datahub.mapping import columns, parse, plan

TABLES = [t for one in connectors() for t in one.pipelines.values() if isinstance(t, Tabular)]


def test_columns_of_languages_datatypes_predicates_graphs_conditions_and_joins_are_listed_with_their_reason(
    kit: Kit,
) -> None:
    condition = kit.call("notEmpty", "decides")
    turtle = f"""
      <#p> rml:logicalSource <#csv> ; rml:subjectMap [ rml:template "p/{{id}}" ; rml:class ex:P ] ;
        rml:predicateObjectMap [ rml:predicate ex:n ; rml:objectMap
          [ rml:reference "name" ; rml:languageMap [ rml:reference "lang" ] ] ] ;
        rml:predicateObjectMap [ rml:predicate ex:v ; rml:objectMap
          [ rml:reference "v" ; rml:datatypeMap [ rml:reference "type" ] ] ] ;
        rml:predicateObjectMap [ rml:predicateMap [ rml:template "http://ex.org/{{property}}" ] ; rml:object "x" ] ;
        rml:predicateObjectMap [ rml:predicate ex:c ; rml:object "x" ; rml:condition [ {condition} ] ;
          rml:graphMap [ rml:template "http://ex.org/{{graph}}" ] ] ;
        rml:predicateObjectMap [ rml:predicate ex:u ; rml:objectMap [ {kit.call("upper", "loud")} ] ] ;
        rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#q> ;
          rml:joinCondition [ rml:child "code" ; rml:parent "key" ] ] ] .
      <#q> rml:logicalSource [ rml:source "q.csv" ] ; rml:subjectMap [ rml:template "q/{{no}}" ; rml:class ex:Q ] .
    """
    found = {
        row["column"]: (row["invertible"], row["reason"]) for row in columns(parse(kit.PREFIXES + turtle)).to_dicts()
    }
    assert found == {
        "id": (True, None), "name": (True, None), "v": (True, None), "no": (True, None),
        "lang": (True, None), "type": (True, None), "property": (False, "derived"), "graph": (False, "derived"),
        "decides": (False, "condition"), "loud": (False, "derived"), "code": (False, "join"), "key": (False, "join"),
    }  # fmt: skip


@pytest.mark.parametrize("tabular", TABLES, ids=lambda t: f"{t.definition.name}-{t.variant.name}")
def test_every_column_that_a_connector_reads_is_listed(tabular: Tabular) -> None:
    listed = tabular.columns
    for source in plan(tabular.rules).sources:
        assert set(source.references) == set(listed.filter(source=source.key)["column"])
    assert listed.filter(invertible=False)["reason_fr"].null_count() == 0


def test_the_columns_of_a_mapping_say_where_they_go_and_whether_they_come_back(kit: Kit) -> None:
    found = columns(parse(kit.PREFIXES + kit.shop))
    price = found.filter(pl.col("column") == "price").row(0, named=True)
    assert price["path"] == ["http://ex.org/price", "http://ex.org/value"]
    assert (price["class"], price["node_class"], price["suffix"]) == (
        "http://ex.org/Product", "http://ex.org/Price", "#price",
    )  # fmt: skip
    assert price["invertible"]
    derived = found.filter(pl.col("predicate") == "http://ex.org/NAME").row(0, named=True)
    assert (derived["invertible"], derived["reason"]) == (False, "derived")
    assert derived["reason_fr"]


def test_a_language_that_is_computed_is_listed_as_not_read_back(kit: Kit) -> None:
    upper = f"rml:languageMap [ {kit.call('lower', 'lang')} ]"
    turtle = kit.triples_map("t", "p/{id}", kit.pom("ex:name", f'rml:reference "name" ; {upper}'), cls="ex:P")
    listed = columns(parse(kit.PREFIXES + turtle))
    assert listed.filter(column="lang").select("invertible", "reason").rows() == [(False, "derived")]
