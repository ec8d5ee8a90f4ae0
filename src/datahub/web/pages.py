"""Server-rendered pages: Jinja templates in both languages, read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

import datahub
from datahub.i18n import LANGS, Lang, Text, typeset_page
from datahub.web.language import Translations, translations

HERE = Path(__file__).parent


class Pages:
    """Renders templates; one Jinja environment per language, so that a template can't mix them."""

    def __init__(self, **context: object) -> None:
        self._environments = {lang: _environment(translations(lang), context) for lang in LANGS}

    def render(self, request: Request, template: str, *, lang: Lang, **context: Any) -> str:
        """``template`` with ``context``, and what the frame of every page needs."""
        made = self._environments[lang].get_template(template)
        page = made.render(lang=lang, path=request.url.path, switch=_switch(request, lang), **context)
        return typeset_page(page, lang)


def _environment(speech: Translations, context: dict[str, object]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        speech.gettext, speech.ngettext, newstyle=True
    )
    environment.filters["number"] = speech.number
    environment.filters["moment"] = speech.moment
    environment.filters["text"] = lambda text: text.to(speech.lang) if isinstance(text, Text) else text
    environment.globals.update(version=datahub.__version__, **context)
    return environment


def _switch(request: Request, lang: Lang) -> str:
    """The address of the same page in the other language."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*query, ("lang", "fr" if lang == "en" else "en")])
