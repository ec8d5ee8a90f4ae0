"""``datahub lift --engine spark``: what does not go together, and what is missing, is said before anything starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Session

MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@base <http://maps/> .
<#p> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ; rml:class <http://ex.org/P> ] .
"""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--connector", "ofn-products", "--engine", "spark", "-o", "out"],
            "Nommez le fichier que toutes les machines voient.",
        ),
        (["--mapping", "m.ttl", "--engine", "spark"], "--engine spark écrit un dossier : nommez-le par -o."),
        (["--mapping", "m.ttl", "--engine", "spark", "-o", "out", "--format", "ttl"], "--engine spark écrit nt ou nq."),
        (["--mapping", "m.ttl", "--master", "local[2]"], "--master demande --engine spark."),
    ],
)
def test_options_that_do_not_go_together_are_refused(datahub: Session, arguments: list[str], told: str) -> None:
    said = datahub("lift", *arguments, "--lang", "fr")
    assert (said.code, said.err.strip()) == (2, f"Erreur : {told}")


def test_without_pyspark_the_command_says_what_to_install(datahub: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    Path("m.ttl").write_text(MAPPING)
    said = datahub("lift", "--mapping", "m.ttl", "--engine", "spark", "-o", "out")
    assert said.code == 2
    assert "pip install '.[spark]'" in said.err


def test_without_java_the_command_says_which_one_it_needs(datahub: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="Apache Spark is not installed (extra: spark)")
    Path("m.ttl").write_text(MAPPING)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    said = datahub("lift", "--mapping", "m.ttl", "--engine", "spark", "-o", "out")
    assert said.code == 2
    assert "Java 17" in said.err
    assert not Path("out").exists()
