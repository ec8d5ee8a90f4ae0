"""The generated pages of the reference leave nothing out, and say something about everything that they list."""

from __future__ import annotations

import dataclasses
import html
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from datahub.cli.app import command_line
from datahub.connectors import connectors
from datahub.hub import report
from datahub.profiles import compact, profiles, vocabulary
from datahub.settings import Settings
from tests.docs.examples import DOCS

sys.path.insert(0, str(DOCS))

import generate
from generators import errors, http, markdown


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """All generated pages by name."""
    return generate.pages()


def _commands(command: Any, name: str) -> list[tuple[str, Any]]:
    children = getattr(command, "commands", {})
    return [(name, command)] + [found for child in children for found in _commands(children[child], f"{name} {child}")]


def test_every_command_and_option_is_listed(pages: dict[str, str]) -> None:
    for name, command in _commands(typer.main.get_command(command_line()), "datahub"):
        section = pages["cli"].partition(f" `{name}`\n")[2]
        assert section, name
        for option in command.params:
            if option.param_type_name == "option" and option.name != "version":
                assert option.opts[-1] in section, f"{name} {option.opts}"


def test_every_route_is_listed_with_what_it_answers(pages: dict[str, str]) -> None:
    routes = [
        (f"{method.upper()} {path}", operation)
        for path, item in http.document()["paths"].items()
        for method, operation in item.items()
    ]
    assert len(routes) > 20
    for name, operation in routes:
        assert f"### `{name}`" in pages["http"], name
        assert operation["summary"], name


def test_every_setting_is_described(pages: dict[str, str]) -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`DATAHUB_{name.upper()}`" in pages["settings"]


def test_every_member_of_a_push_report_is_explained(pages: dict[str, str]) -> None:
    for part in (report.PushReport, report.Counts, report.Stage, report.Group, report.Finding):
        for one in dataclasses.fields(part):
            assert f"| `{one.name}` |" in pages["push-report"], f"{part.__name__}.{one.name}"


def test_every_connector_has_a_page_with_its_columns(pages: dict[str, str]) -> None:
    for one in connectors():
        page = pages[f"connectors/{one.name}"]
        for variant in one.definition.variants:
            for column in variant.fields:
                assert markdown.code(column.name) in page, f"{one.name} {column.name}"


def test_the_matrix_has_every_pair_of_a_sector_with_its_fields(pages: dict[str, str]) -> None:
    page = pages["matrix"]
    for one in connectors():
        for other in connectors():
            both = one.profile == other.profile and "in" in one.directions and "out" in other.directions
            assert (f"### `{one.name}` to `{other.name}`: " in page) == (both and one.name != other.name)
    section = page.partition("### `ofn-products` to `cagette-catalogue`: ")[2].partition("###")[0]
    assert "`dhf:taxCategory`" in section.partition("| lost |")[2]
    assert "`dfc-b:name`" in section.partition("| lost |")[0]


def test_every_module_has_a_page_with_its_terms_in_both_languages(pages: dict[str, str]) -> None:
    for module in vocabulary().modules():
        page = pages[f"ontologies/{module.name.replace('/', '-')}"]
        for term in vocabulary().terms(module.name):
            assert markdown.text(compact(term.iri)) in page or markdown.code(compact(term.iri)) in page, term.iri
            assert markdown.text(term.label.en) in page, term.iri
            assert markdown.text(term.label.fr) in page, term.iri


def test_every_profile_has_a_page_of_rules_by_what_they_do(pages: dict[str, str]) -> None:
    for one in profiles():
        page = pages[f"rules/{one.name}"]
        assert "### Refuses the record" in page
        assert "### Warns" in page


def test_the_rule_on_the_price_of_a_product_is_said_to_refuse(pages: dict[str, str]) -> None:
    product = pages["rules/food"].partition("For every `dfc-b:SuppliedProduct`")[2]
    refuses = product.partition("### Refuses the record")[2].partition("\n###")[0]
    assert "A product needs exactly one name." in refuses


def test_errors_are_found_with_both_languages(pages: dict[str, str]) -> None:
    found = {one.code: one for one in errors.raised()}
    assert {"not-this-format", "hub-unreachable", "connector-unknown", "too-many-deletions", "not-acceptable"} <= set(
        found
    )
    for one in found.values():
        assert one.english
        assert one.french
        assert f"`{one.code}`" in pages["errors"]


def test_a_page_that_is_as_it_should_be_is_left_alone_and_a_stale_one_goes(tmp_path: Path) -> None:
    generate.write(tmp_path)
    cli = tmp_path / "cli.md"
    before = cli.stat().st_mtime_ns
    (tmp_path / "old.md").write_text("old", "utf-8")
    (tmp_path / "settings.md").write_text("changed by hand", "utf-8")
    generate.write(tmp_path)
    assert cli.stat().st_mtime_ns == before
    assert not (tmp_path / "old.md").exists()
    assert (tmp_path / "settings.md").read_text("utf-8").startswith("% Made by")


@pytest.mark.parametrize("value", ["a|b", "*x*", "<b>", "[x](y)", "a_b_c", "`x`", "$1 and $2", "# no"])
def test_words_are_shown_as_they_are(value: str) -> None:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark").enable("table").render(markdown.table(("a",), [(markdown.text(value),)]))
    (cell,) = re.findall(r"<td>(.*)</td>", made)
    assert html.unescape(cell) == value
