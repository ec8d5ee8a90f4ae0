"""Sphinx: the documentation of datahub. Works offline; nothing is fetched from elsewhere."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from datahub.i18n import typeset

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "datahub"
author = "the datahub contributors"
project_copyright = "the datahub contributors, AGPL-3.0-or-later"
version = release = installed("datahub")
language = "en"

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"datahub {version}"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_copy_source = False
html_show_sourcelink = False


def _generate(app: Sphinx) -> None:
    import generate

    generate.write(HERE / "_generated")


def _speak(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Says in the page itself which language it is in, for browsers and screen readers."""
    if page.startswith("fr/"):
        context["language"] = "fr"


def _space(app: Sphinx, doctree: nodes.document) -> None:
    """Sets French pages as the product sets its messages; code stays as it is."""
    if not app.env.docname.startswith("fr/"):
        return
    for node in list(doctree.findall(nodes.Text)):
        if not isinstance(node.parent, nodes.literal | nodes.FixedTextElement):
            node.parent.replace(node, nodes.Text(typeset(node.astext(), "fr")))


def setup(app: Sphinx) -> None:
    """Writes the generated pages of the reference before Sphinx looks for its sources."""
    app.connect("builder-inited", _generate)
    app.connect("doctree-read", _space, priority=400)  # before titles are collected
    app.connect("html-page-context", _speak)
