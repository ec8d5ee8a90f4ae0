"""The reference of the lenses says what the code does, and the ontology of functions declares the same functions."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from datahub.mapping.lenses import LENSES, SEVERITY, Lens
from datahub.mapping.loss import REASONS
from datahub.rdf.terms import FN

ROOT = Path(__file__).parents[2]
FNO = "https://w3id.org/function/ontology#"


def parameters(lens: Lens) -> str:
    shown = []
    for parameter in lens.parameters:
        default = parameter.default
        text = f"`{parameter.name}`"
        if default is not None:
            text += " = " + (f"`{default}`" if default else "empty").replace("|", "\\|")
        elif not parameter.required:
            text += " (optional)"
        shown.append(text)
    return ", ".join(shown)


def row(lens: Lens) -> str:
    back = "yes" if lens.inverse is not None else ""
    return f"| `fn:{lens.name}` | {parameters(lens)} | {lens.doc.en.replace('|', chr(92) + '|')} | {back} |"


@pytest.mark.parametrize("lens", LENSES.values(), ids=lambda lens: lens.name)
def test_the_reference_has_each_lens_as_it_is(lens: Lens) -> None:
    page = (ROOT / "docs" / "reference" / "lenses.md").read_text("utf-8")
    assert row(lens) in page.splitlines()


def test_the_ontology_declares_exactly_these_functions_and_parameters() -> None:
    declared: dict[str, set[str]] = {"Function": set(), "Parameter": set()}
    for quad in ox.parse(path=str(ROOT / "ontologies" / "fn.ttl"), format=ox.RdfFormat.TURTLE):
        for kind, names in declared.items():
            if quad.object == ox.NamedNode(FNO + kind):
                names.add(quad.subject.value)
    assert declared["Function"] == set(LENSES)
    used = {FN + parameter.name for lens in LENSES.values() for parameter in lens.parameters}
    # A name that is a function and a parameter (fn:prefix) is declared as a function.
    assert declared["Parameter"] | declared["Function"] >= used | {FN + SEVERITY}
    assert declared["Parameter"] - {FN + SEVERITY} <= used


def test_the_explanation_of_loss_names_every_reason() -> None:
    page = (ROOT / "docs" / "explanation" / "loss.md").read_text("utf-8")
    assert [reason for reason in REASONS if f"| `{reason}` |" not in page] == []
