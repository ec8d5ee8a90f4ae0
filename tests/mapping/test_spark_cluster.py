"""A standalone Spark cluster of a master and two workers on this machine, one of which is killed in the middle of a job."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from datahub.mapping import lift_to, parse
from tests.on_spark import Cluster, lines_in

pytestmark = pytest.mark.slow

ROWS = 120_000
MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://ex.org/> .
@base <http://maps/> .
<#product> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:Product ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:parentTriplesMap <#kind> ;
    rml:joinCondition [ rml:child "kind" ; rml:parent "code" ] ] ] .
<#farm> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "farms/{farm}" ; rml:class ex:Farm ] .
<#kind> rml:logicalSource [ rml:source "kinds.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "kinds/{code}" ; rml:class ex:Kind ] .
"""


def test_a_worker_killed_in_the_middle_changes_nothing_in_the_result(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "mapping.ttl").write_text(MAPPING)
    (tmp_path / "kinds.csv").write_text("code\n" + "".join(f"k{n}\n" for n in range(5)))
    rows = (f'{n},"Produit {n}\nde la ferme",{n % 40},k{n % 7}\n' for n in range(ROWS))
    (tmp_path / "products.csv").write_text("sku,name,farm,kind\n" + "".join(rows))
    with cluster.lift(tmp_path, "--mapping", "mapping.ttl") as job:
        said = cluster.killed_in_the_middle(tmp_path, job)
    lines, here = lines_in(tmp_path / "out"), io.BytesIO()
    lift_to(here, parse(tmp_path / "mapping.ttl"))
    assert sorted(lines) == sorted(here.getvalue().decode().split("\n")[:-1])
    assert said[-1].startswith(f"{len(lines)} triplets écrits (tâches\u00a0: ")


JOIN = """
@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://ex.org/> .
@base <http://maps/> .
<#product> rml:logicalSource [ rml:source "products.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:Product ] ;
  rml:predicateObjectMap [ rml:predicate ex:in ; rml:objectMap [ rml:parentTriplesMap <#offer> ;
    rml:joinCondition [ rml:child "sku" ; rml:parent "sku" ] , [ rml:child "shop" ; rml:parent "shop" ] ] ] .
<#offer> rml:logicalSource [ rml:source "offers.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "o/{no}" ; rml:class ex:Offer ] .
"""


def test_two_large_files_are_joined_across_machines_though_a_worker_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "mapping.ttl").write_text(JOIN)
    products = (f"{n},{n % 5},{'note ' * 18}\n" for n in range(60_000))
    offers = (f"{n},{n * 7 % 70_000},{n % 3},{'note ' * 18}\n" for n in range(60_000))
    (tmp_path / "products.csv").write_text("sku,shop,note\n" + "".join(products))
    (tmp_path / "offers.csv").write_text("no,sku,shop,note\n" + "".join(offers))
    with cluster.lift(tmp_path, "--mapping", "mapping.ttl", large=1_000_000) as job:
        cluster.killed_in_the_middle(tmp_path, job)
    lines, here = lines_in(tmp_path / "out"), io.BytesIO()
    lift_to(here, parse(tmp_path / "mapping.ttl"))
    assert sorted(lines) == sorted(here.getvalue().decode().split("\n")[:-1])
    joined = sum(n * 7 % 70_000 < 60_000 and n * 7 % 70_000 % 5 == n % 3 for n in range(60_000))
    assert sum("ex.org/in" in line for line in lines) == joined > 1000
