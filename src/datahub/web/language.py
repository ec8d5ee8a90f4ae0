"""The language of an answer: ``?lang=``, then the cookie, then ``Accept-Language``; and the translations of the pages.

Translations are read from ``locale/fr.po`` when the server starts; nothing is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from fastapi import Query, Request

from datahub.i18n import LANGS, Lang, negotiate

LOCALE = Path(__file__).parent / "locale"
COOKIE = "datahub_lang"


def catalogue(lang: str) -> Catalog:
    """The messages of ``locale/{lang}.po``."""
    with (LOCALE / f"{lang}.po").open("rb") as file:
        return read_po(file, locale=lang)


@dataclass(frozen=True)
class Translations:
    """The sentences of the pages in one language, as Jinja's i18n extension wants them (gettext and ngettext)."""

    lang: Lang
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    def number(self, value: float | int) -> str:
        """``value`` as people of this language write it."""
        return str(format_decimal(value, locale=self.lang))

    def moment(self, value: datetime | str | None) -> str:
        """A point in time, in UTC, as people of this language write it."""
        if not value:
            return ""
        try:
            when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            return str(value)  # a publisher's own writing of a time
        if when.tzinfo:
            when = when.astimezone(UTC)
        return str(format_datetime(when, "medium", locale="en_GB" if self.lang == "en" else "fr_FR")) + " UTC"


def translations(lang: Lang) -> Translations:
    """The translations into ``lang``; English sentences are the message ids themselves."""
    if lang == "en":
        return Translations("en", lambda message: message, lambda one, many, n: one if n == 1 else many)
    messages = catalogue(lang)
    single = {m.id: m.string for m in messages if isinstance(m.id, str) and m.string and not m.fuzzy}
    plural = {m.id[0]: m.string for m in messages if isinstance(m.id, tuple) and m.string and not m.fuzzy}

    def ngettext(one: str, many: str, n: int) -> str:
        forms = plural.get(one)
        if forms is None:
            return one if n == 1 else many
        return str(forms[1 if n > 1 else 0])  # French: zero and one are singular

    return Translations(lang, lambda message: str(single.get(message, message)), ngettext)


def language_of(request: Request) -> Lang:
    """The language to answer ``request`` in."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for lang in LANGS:
            if asked == lang:
                return lang
    otherwise: Lang = request.app.state.hub.settings.default_lang
    return negotiate(request.headers.get("accept-language", "")) or otherwise


def speaking(
    request: Request,
    lang: Literal["en", "fr"] | None = Query(
        None, description="Language of messages, labels and pages; else Accept-Language decides."
    ),
) -> Lang:
    """A dependency: the language of the answer."""
    return lang or language_of(request)
