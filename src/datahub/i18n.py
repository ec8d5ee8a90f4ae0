"""The two languages of the product: every sentence that a user reads is a `Text`."""

from __future__ import annotations

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


def percent(share: float, lang: str) -> str:
    """``share`` (1 is all) as a whole percentage; in French with the narrow no-break space that typography asks for."""
    from babel.numbers import format_percent  # takes longer to import than most commands need to start

    return str(format_percent(share, locale=lang)).replace("\u00a0", "\u202f")


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
