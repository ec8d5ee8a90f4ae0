"""What values may be read as, what that is called, and how much it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from datahub.i18n import Text

ENOUGH = 0.9
"""The share of the values that a way to read must fit."""

TOLD = 5
"""Odd values that are told."""

KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "empty": Text("empty", "vide"),
        "text": Text("text", "texte"),
        "prose": Text("long text", "texte long"),
        "identifier": Text("identifier, all different", "identifiant, tous différents"),
        "integer": Text("whole number", "nombre entier"),
        "decimal": Text("decimal number with a point", "nombre décimal à point"),
        "comma": Text("decimal number with a comma", "nombre décimal à virgule"),
        "price": Text("price", "prix"),
        "percent": Text("percentage", "pourcentage"),
        "quantity": Text("quantity with its unit", "quantité avec son unité"),
        "boolean": Text("yes or no", "oui ou non"),
        "date": Text("date", "date"),
        "datetime": Text("date and time", "date et heure"),
        "latitude": Text("latitude (WGS 84)", "latitude (WGS 84)"),
        "longitude": Text("longitude (WGS 84)", "longitude (WGS 84)"),
        "marked-latitude": Text("latitude in degrees and minutes", "latitude en degrés et minutes"),
        "marked-longitude": Text("longitude in degrees and minutes", "longitude en degrés et minutes"),
        "latlon": Text("latitude and longitude in one cell", "latitude et longitude dans une cellule"),
        "postcode": Text("French postal code", "code postal français"),
        "insee": Text("INSEE commune code", "code commune INSEE"),
        "department": Text("number of a department", "numéro de département"),
        "phone": Text("telephone number", "numéro de téléphone"),
        "email": Text("e-mail address", "adresse de courriel"),
        "url": Text("web address", "adresse web"),
        "image": Text("address of an image", "adresse d'image"),
        "siret": Text("SIRET number", "numéro SIRET"),
        "siren": Text("SIREN number", "numéro SIREN"),
        "vat": Text("VAT number", "numéro de TVA"),
        "ean": Text("bar code (EAN, GTIN)", "code-barres (EAN, GTIN)"),
        "hours": Text("opening hours (OpenStreetMap)", "horaires d'ouverture (OpenStreetMap)"),
        "unit": Text("unit", "unité"),
        "currency": Text("currency", "monnaie"),
        "language": Text("language code", "code de langue"),
        "country": Text("country", "pays"),
    }
)
"""Ways to read values, and what they are called."""

EVIDENCE: Mapping[str, float] = MappingProxyType(
    {
        "email": 0.9, "phone": 0.8, "image": 0.8, "siret": 0.85, "siren": 0.6, "vat": 0.8, "ean": 0.85, "hours": 0.85,
        "url": 0.68, "latlon": 0.8, "latitude": 0.45, "longitude": 0.45, "price": 0.7, "percent": 0.35, "quantity": 0.45,
        "unit": 0.7, "currency": 0.8, "postcode": 0.4, "insee": 0.4, "language": 0.3, "country": 0.4, "prose": 0.35,
        "date": 0.15, "datetime": 0.2, "boolean": 0.1, "department": 0.1,
        "marked-latitude": 0.8, "marked-longitude": 0.8,
    }
)  # fmt: skip
"""How much a way to read says by itself about where a column belongs, whatever it is called."""


@dataclass(frozen=True)
class Reading:
    """One way to read a column: a key of `KINDS`, the share of values that it fits, what a lens must know (format, words, affixes),
    and some values that it does not fit."""

    kind: str
    share: float = 1.0
    options: Mapping[str, str] = field(default_factory=dict)
    odd: tuple[str, ...] = ()

    @property
    def name(self) -> Text:
        """What it is called, with its format."""
        known = KINDS[self.kind]
        extra = self.options.get("format") or self.options.get("words")
        return Text(f"{known.en} ({extra})", f"{known.fr} ({extra})") if extra else known


Test = Callable[[list[str], pl.Series], Reading | None]
"""Whether the distinct values of a column, and all that are filled, may be read in one way."""


def share(fits: pl.Series) -> float:
    """The share of true values; 0 where there are none."""
    return float(fits.sum()) / len(fits) if len(fits) else 0.0


def judged(kind: str, distinct: list[str], fits: Iterable[bool], **options: str) -> Reading | None:
    """The reading, where enough of the values fit; ``fits`` is asked no longer than it takes to know."""
    odd: list[str] = []
    for value, fit in zip(distinct, fits, strict=True):
        if not fit:
            odd.append(value)
            if 1 - len(odd) / len(distinct) < ENOUGH:
                return None
    return Reading(kind, 1 - len(odd) / len(distinct), options, tuple(odd[:TOLD]))
