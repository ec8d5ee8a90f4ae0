"""Where a format has several files, each problem names the one that it is in."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from datahub.connectors import Connector, connector
from datahub.connectors.checking import check_native
from datahub.errors import InputError
from datahub.findings import refuse_violations
from datahub.mapping import lift, parse
from datahub.shacl import load
from datahub.syndication import reports

AGENCIES = """
<#agency> a rml:TriplesMap ;
    rml:logicalSource [ rml:source "agency.txt" ; rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:template "agencies/{agency_id}" ; rml:class dhm:Agency ] ;
    rml:predicateObjectMap [ rml:predicate schema:latitude ; rml:objectMap [
        rml:functionExecution [ rml:function fn:decimal ;
            rml:input [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "agency_lat" ] ] ] ;
        rml:return fn:out ] ] ;
    rml:predicateObjectMap [ rml:predicate schema:name ; rml:objectMap [ rml:reference "agency_name" ] ] .
"""
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix schema: <http://schema.org/> .
@prefix ex: <https://rules.example/> .
ex:Named a sh:NodeShape ; sh:targetSubjectsOf schema:latitude ; sh:property ex:name, ex:latitude .
ex:name a sh:PropertyShape ; sh:path schema:name ; sh:minCount 1 .
ex:latitude a sh:PropertyShape ; sh:path schema:latitude ; sh:maxInclusive 2.5 .
"""


@pytest.fixture
def feed(tmp_path: Path) -> Connector:
    """The connector of stops, which also reads the agencies."""
    folder = tmp_path / "stops-and-agencies"
    shutil.copytree(
        connector("gtfs-stops").folder, folder, ignore=shutil.ignore_patterns("expected", "samples", "*.yml")
    )
    description = folder / "connector.yaml"
    description.write_text(description.read_text("utf-8").replace("name: gtfs-stops", f"name: {folder.name}"), "utf-8")
    mapping = folder / "mapping.ttl"
    mapping.write_text(mapping.read_text("utf-8") + AGENCIES, "utf-8")
    return connector(str(folder))


def test_a_feed_names_the_file_of_each_problem(feed: Connector, tmp_path: Path) -> None:
    rules = tmp_path / "rules.ttl"
    rules.write_text(SHAPES, "utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "stops.txt", "stop_id,stop_name,stop_lat,stop_lon,location_type\nA,Gare,48.1,2.1,1\nB,,x,2.2,1\n"
        )
        archive.writestr("agency.txt", "agency_id,agency_name,agency_lat\n1,R,2\n2,S,zz\n3,,3\n")
    checked = check_native(packed.getvalue(), feed, load(rules), "https://hub.example/", "feed.zip")
    found = {(row["file"], row["row"], row["column"]) for row in checked.findings.iter_rows(named=True)}
    assert found == {
        ("stops.txt", 2, "stop_lat"),
        ("stops.txt", 3, "stop_lat"),
        ("agency.txt", 3, "agency_lat"),
        ("agency.txt", 4, "agency_lat"),
        ("agency.txt", 4, "agency_name"),
    }
    told = reports.as_json(checked)
    assert any("(agency.txt, row 3)" in group["sentence"]["en"] for group in told["groups"])
    assert any("(stops.txt, ligne 3)" in group["sentence"]["fr"] for group in told["groups"])
    assert {finding["file"] for finding in told["findings"]} == {"stops.txt", "agency.txt"}
    assert "agency.txt, 4" in reports.as_html(checked, "fr")
    assert ",agency.txt" in reports.as_csv(checked, "en").decode()


def test_a_mapping_of_several_files_names_the_file_of_each_cell(tmp_path: Path) -> None:
    (tmp_path / "farms.csv").write_text("id,site\n1,http://a.example/\n2,not an <iri>\n")
    (tmp_path / "goods.csv").write_text("id,photo\n1,nor this one\n3,x,y\n")
    maps = [
        f'<#{name}> rml:logicalSource [ rml:source "{name}.csv" ; rml:referenceFormulation rml:CSV ] ; '
        f'rml:subjectMap [ rml:template "http://x.example/{name}/{{id}}" ] ; rml:predicateObjectMap [ rml:predicate rml:x ; '
        f'rml:objectMap [ rml:reference "{column}" ; rml:termType rml:IRI ] ] .'
        for name, column in (("farms", "site"), ("goods", "photo"))
    ]
    mapping = tmp_path / "m.ttl"
    mapping.write_text("\n".join(["@base <http://maps.example/> . @prefix rml: <http://w3id.org/rml/> .", *maps]))
    findings = lift(parse(mapping)).findings
    assert {(row["file"], row["row"]) for row in findings.iter_rows(named=True)} == {
        ("farms.csv", 3),
        ("goods.csv", 2),
        ("goods.csv", 3),
    }
    with pytest.raises(InputError) as caught:
        refuse_violations(findings)
    assert caught.value.place.file in ("farms.csv", "goods.csv")
