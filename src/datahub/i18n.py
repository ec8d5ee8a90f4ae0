"""The two languages of the product: every sentence that a user reads is a `Text`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = ("en", "fr")


@dataclass(frozen=True)
class Text:
    """One sentence in English and in French."""

    en: str
    fr: str

    def to(self, lang: str) -> str:
        """The sentence in ``lang``; English for any language but French."""
        return self.fr if lang == "fr" else self.en

    def to_json(self) -> dict[str, str]:
        """Both sentences by language, for answers to programs."""
        return {"en": self.en, "fr": self.fr}

    def format(self, **values: object) -> Text:
        """Both sentences with ``values`` put into their ``{places}``."""
        return Text(self.en.format(**values), self.fr.format(**values))


_FIGURES = str.maketrans({",": "\N{NARROW NO-BREAK SPACE}", ".": ",", "%": "\N{NARROW NO-BREAK SPACE}%"})


def number(value: float, lang: str, spec: str = "") -> str:
    """``value`` with thousands, decimals and per cent set apart as the language does; ``spec``: ``.2f``, ``.0%`` and such."""
    shown = f"{value:,{spec}}"
    return shown.translate(_FIGURES) if lang == "fr" else shown


_NARROW, _WIDE = re.compile(r"(?<!\s) (?=[;?!%€](?!\w))"), re.compile(r"(?<!\s) (?=:(?!\w)|»)|(?<=«) ")
"""A sign before a word, as in ``?format=``, is code."""


def typeset(text: str, lang: str) -> str:
    """``text`` as readers see it. French sentences are written with plain spaces, and shown with no-break ones, so that
    punctuation stays on the line of its word: narrow before ``; ? !`` and units, wide before the colon and within guillemets,
    as the Imprimerie nationale sets them."""
    return _WIDE.sub("\u00a0", _NARROW.sub("\u202f", text)) if lang == "fr" else text


_MARKUP = re.compile(r"(<(?:(pre|code|textarea|script|style)\b.*?</\2>|[^>]*>))", re.DOTALL)


def typeset_page(html: str, lang: str) -> str:
    """`typeset` for the texts of a page; its markup, code and fields stay as they are."""
    if lang != "fr":
        return html
    out, at = [], 0
    for found in _MARKUP.finditer(html):
        out += [typeset(html[at : found.start()], lang), found[0]]
        at = found.end()
    return "".join([*out, typeset(html[at:], lang)])


def negotiate(accept_language: str) -> Lang | None:
    """The product language that an ``Accept-Language`` header asks for first (RFC 9110 section 12.5.4); None where it asks for
    neither, or refuses it (weight 0)."""
    ranked: list[tuple[float, int, Lang]] = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, params = part.strip().partition(";")
        quality = params.strip().removeprefix("q=") or "1"
        primary = tag.strip().lower().split("-")[0]
        try:
            weight = float(quality)
        except ValueError:
            continue
        if weight > 0 and (primary == "fr" or primary == "en"):
            ranked.append((-weight, position, "fr" if primary == "fr" else "en"))
    return min(ranked)[2] if ranked else None
