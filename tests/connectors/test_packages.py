"""Every package in `connectors/` does what it says; a new folder is tested by being there."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from datahub.connectors import Connector, connector, connectors
from datahub.connectors.check import BASE, check, outcome, record
from datahub.errors import DatahubError, NotFoundError
from datahub.findings import FINDING_SCHEMA
from datahub.i18n import Text
from datahub.profiles import data_folder

ALL = connectors()
SAMPLES = [pytest.param(one, sample, id=f"{one.name}/{sample.name}") for one in ALL for sample in one.samples]
EXPECTED_NAMES = {
    "bnlc",
    "cagette-catalogue",
    "datatourisme",
    "dfc",
    "gbfs-stations",
    "geojson-places",
    "gtfs-stops",
    "hospitality-offers",
    "mobicoop-relay-points",
    "ofn-products",
}


@pytest.fixture(params=ALL, ids=lambda one: one.name)
def one(request: pytest.FixtureRequest) -> Connector:
    return request.param


def test_the_formats_of_the_first_release_are_there() -> None:
    assert {each.name for each in ALL} >= EXPECTED_NAMES


def test_samples_give_the_expected_triples_and_report_and_come_back_the_same(one: Connector) -> None:
    for result in check(one):
        assert result.passed, f"{result.sample}: {result.detail.en if result.detail else ''}"


def test_a_package_brings_enough_realistic_samples(one: Connector) -> None:
    assert sum(one.lift(sample, BASE).read for sample in one.samples) >= 10


def test_titles_descriptions_and_columns_are_in_french_and_english(one: Connector) -> None:
    definition = one.definition
    texts = [definition.title, definition.description, *definition.normalises]
    texts += [text for _, text in definition.assumes]
    texts += [column.title for variant in definition.variants for column in variant.fields if column.title]
    for text in texts:
        assert isinstance(text, Text)
        assert text.en.strip()
        assert text.fr.strip()
    assert definition.title.en != definition.title.fr
    assert definition.description.en != definition.description.fr
    assert definition.version or definition.unversioned
    assert definition.described


def test_what_the_mapping_reads_is_declared_and_the_other_way_round(one: Connector) -> None:
    for variant in one.definition.variants:
        if not variant.fields:
            continue
        mapped = set(one.columns.filter(pl.col("variant") == variant.name)["column"])
        going_on = variant.continuation
        made_up = {"_key", *({going_on.number, going_on.count} if going_on else set())}
        assert mapped - made_up <= set(variant.names), "the mapping reads a column that the format does not have"
        known = {*variant.constants, *(name for each in variant.keys for name in each.columns)}
        assert set(variant.names) - mapped <= known, "a declared column is never read"


def test_a_format_that_is_written_can_write_every_required_column(one: Connector) -> None:
    if "out" not in one.directions:
        return
    for variant in one.definition.variants:
        own = one.columns.filter(pl.col("variant") == variant.name)
        writable = set(own.filter("invertible")["column"])
        assert set(variant.required) <= writable, variant.name


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_every_finding_is_complete_and_in_both_languages(one: Connector, sample: Path) -> None:
    found = outcome(one, sample).findings
    assert found.schema == pl.Schema(FINDING_SCHEMA)
    assert set(found["severity"]) <= {"violation", "warning", "info"}
    for name in ("severity", "code", "message_en", "message_fr"):
        assert found[name].null_count() == 0
    assert (found["code"].str.contains(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")).all()
    assert (found["message_en"] != found["message_fr"]).all()


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_refused_rows_are_told_and_their_own_text_can_be_kept(one: Connector, sample: Path) -> None:
    lift = one.lift(sample, BASE)
    told = set(lift.findings.filter(pl.col("severity") == "violation")["row"].drop_nulls())
    assert told == set(lift.refused)
    if lift.table is not None:
        kept = lift.native(lift.refused)
        assert set(kept["row"]) <= told
        assert kept["text"].null_count() == 0


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_the_same_file_gives_the_same_triples_under_the_same_base_only(one: Connector, sample: Path) -> None:
    first, again = one.lift(sample, BASE), one.lift(sample.read_bytes(), BASE, sample.name)
    assert first.frame.equals(again.frame)
    assert first.findings.equals(again.findings)


def test_an_unknown_connector_names_those_that_there_are() -> None:
    with pytest.raises(NotFoundError) as caught:
        connector("bnlcc")
    assert caught.value.fix is not None
    assert "bnlc" in caught.value.fix.fr


@pytest.mark.parametrize("name", ["", "..", "../shapes", "/etc", ".keep"])
def test_a_name_is_never_a_way_out_of_the_folder(name: str) -> None:
    with pytest.raises(NotFoundError):
        connector(name)


def test_a_new_folder_needs_no_python(tmp_path: Path) -> None:
    package = tmp_path / "panier-local"
    (package / "samples").mkdir(parents=True)
    (package / "connector.yaml").write_text(
        """
name: panier-local
title: {en: Panier Local list, fr: liste Panier Local}
description: {en: A list of products., fr: Une liste de produits.}
format: {version: "1", described: https://example.org/}
profile: food
directions: [in, out]
variants:
  - name: list
    kind: csv
    dialect: {delimiters: [";"]}
    columns:
      Article: {required: true}
      Code: {required: true}
      PU: {aliases: [Prix unitaire]}
    identifier: {keys: [{columns: [Code]}]}
""",
        "utf-8",
    )
    (package / "mapping.ttl").write_text(
        """
@base <https://example.org/panier-local/> .
@prefix rml: <http://w3id.org/rml/> .
@prefix fn: <https://w3id.org/datahub/ns/fn/> .
@prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix dfc-b: <https://github.com/datafoodconsortium/ontology/releases/latest/download/DFC_BusinessOntology.owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dhf: <https://w3id.org/datahub/ns/food/> .
<#s> a rml:LogicalSource ; rml:source "list.csv" ; rml:referenceFormulation rml:CSV .
<#p> a rml:TriplesMap ; dh:recordMap true ; rml:logicalSource <#s> ;
    rml:subjectMap [ rml:template "articles/{_key}" ; rml:class dfc-b:SuppliedProduct ] ;
    rml:predicateObjectMap [ rml:predicate dct:identifier ; rml:objectMap [ rml:reference "Code" ] ] ;
    rml:predicateObjectMap [ rml:predicate dfc-b:name ; rml:objectMap [ rml:reference "Article" ] ] ;
    rml:predicateObjectMap [ rml:predicate dhf:offerQuantity ; rml:objectMap [
        rml:functionExecution [ rml:function fn:decimalComma ;
            rml:input [ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "PU" ] ] ] ;
        rml:return fn:out ] ] .
""",
        "utf-8",
    )
    (package / "samples" / "list.csv").write_text("article;CODE;Prix unitaire\nPâtes;P1;2,40\nRiz;R1;\n", "utf-8")
    new = connector(str(package))
    written = record(new)
    assert [path.name for path in written] == ["list.csv.nt", "list.csv.json"]
    assert all(result.passed for result in check(new))
    lift = new.lift(package / "samples" / "list.csv", "https://hub.example/r/")
    assert "<https://hub.example/r/articles/P1>" in "".join(lift.frame.lines())
    assert new.lower(lift.frame, "https://hub.example/r/").data.decode() == "Article;Code;PU\nPâtes;P1;2,40\nRiz;R1;\n"
    # The check sees when a package no longer does what it did.
    mapping = package / "mapping.ttl"
    mapping.write_text(mapping.read_text("utf-8").replace("dfc-b:name", "dfc-b:description"), "utf-8")
    assert not all(result.passed for result in check(connector(str(package))))


@pytest.mark.parametrize(
    ("broken", "code", "where"),
    [
        ("name: [", "connector-yaml", None),
        ("name: other\n", "connector-schema", None),
        ("REPLACE profile: mobility -> profile: cooking", "connector-schema", "profile"),
        ("REPLACE kind: csv -> kind: csvv", "connector-schema", "variants.0.kind"),
        ("REPLACE name: bnlc -> name: bnlc2", "connector-schema", "name"),
        ("REPLACE en: National -> en: National\n  de: nein #", "connector-schema", "title"),
    ],
)
def test_a_broken_definition_names_the_entry(tmp_path: Path, broken: str, code: str, where: str | None) -> None:
    shutil.copytree(data_folder("connectors") / "bnlc", tmp_path / "bnlc")
    path = tmp_path / "bnlc" / "connector.yaml"
    if broken.startswith("REPLACE"):
        old, _, new = broken.removeprefix("REPLACE ").partition(" -> ")
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
    else:
        path.write_text(broken, "utf-8")
    with pytest.raises(DatahubError) as caught:
        connector(str(tmp_path / "bnlc"))
    assert caught.value.code == code
    assert caught.value.place.file
    if where:
        assert caught.value.place.column == where
    assert caught.value.message.fr
