"""A term of an ontology or a concept of a SKOS scheme, as the pages, the reports and the lenses need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from datahub.i18n import Text

Kind = Literal[
    "class",
    "object-property",
    "datatype-property",
    "annotation-property",
    "property",
    "concept",
    "individual",
    "datatype",
    "constraint-component",
    "function",
    "parameter",
]
Sensitivity = Literal["public", "personal"]


@dataclass(frozen=True)
class Term:
    """One term. Mappings are keyed by language (``en``, ``fr``), but for ``codes``, keyed by the IRI of the notation property."""

    iri: str
    kind: Kind
    module: str
    """The file that declares it, without ending: ``core``, ``units``, ``reused/dfc``."""
    labels: Mapping[str, str] = field(hash=False)
    definitions: Mapping[str, str] = field(default_factory=dict, hash=False)
    alt_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    hidden_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Abbreviations and misspellings that people use, for recognising only (skos:hiddenLabel)."""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    defined_by: str | None = None
    sensitivity: Sensitivity = "public"
    types: tuple[str, ...] = ()
    """The classes of an individual, such as ``dh:Visibility`` for ``dh:Open``."""
    parents: tuple[str, ...] = ()
    """Superclasses, superproperties or broader concepts."""
    alignments: tuple[tuple[str, str], ...] = ()
    """Pairs of SKOS mapping property and IRI of another vocabulary."""
    inverse: str | None = None
    domain: str | None = None
    range: str | None = None
    schemes: tuple[str, ...] = ()
    """The concept schemes that hold it."""

    @property
    def own(self) -> bool:
        """Whether datahub minted the term."""
        return self.iri.startswith("https://w3id.org/datahub/ns/")

    @property
    def name(self) -> str:
        """The last part of the IRI."""
        return self.iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]

    @property
    def label(self) -> Text:
        """The label in both languages; where one is missing the other, or the name."""
        english = self.labels.get("en") or self.labels.get("fr") or self.name
        return Text(english, self.labels.get("fr") or english)

    @property
    def definition(self) -> Text | None:
        """The definition in both languages, when there is one."""
        english = self.definitions.get("en") or self.definitions.get("fr")
        return Text(english, self.definitions.get("fr") or english) if english else None
