"""What people call things: labels of properties, classes, concepts, and of the records themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.terms import DCT, DFC_B, FOAF, IRI, RDFS, SCHEMA, SKOS, curie
from datahub.syndication.fields import INVERSE, Field, Fields, local_name

TITLE_PREDICATES = (
    SKOS + "prefLabel",
    DFC_B + "name",
    SCHEMA + "name",
    SCHEMA + "legalName",
    FOAF + "name",
    DCT + "title",
    RDFS + "label",
)
"""The properties by which a thing is named, most telling first."""


RECORD = "iri"
"""The column of a table, and the member of a feature, that holds the IRI of the record: no property may be called so."""


@dataclass(frozen=True)
class Names:
    """Labels by IRI, in both languages."""

    labels: Mapping[str, Text] = field(default_factory=dict)

    def label(self, iri: str, lang: str) -> str:
        """The label of ``iri`` in ``lang``; where there is none, its short form."""
        text = self.labels.get(iri)
        return text.to(lang) if text else curie(iri)

    def known(self, iri: str) -> bool:
        """Whether ``iri`` has a label."""
        return iri in self.labels

    def step(self, predicate: str, lang: str) -> str:
        """The label of one step of a path; an inverse step is marked."""
        text = self.labels.get(predicate.removeprefix(INVERSE))
        label = text.to(lang) if text else local_name(predicate)
        return f"{label} (inverse)" if predicate.startswith(INVERSE) else label

    def extended(self, labels: Mapping[str, Text]) -> Names:
        """These names and ``labels``, which go first."""
        return Names({**self.labels, **labels})

    def table(self, lang: str) -> pl.DataFrame:
        """All labels in ``lang``: columns iri and label."""
        return pl.DataFrame(
            {"iri": list(self.labels), "label": [text.to(lang) for text in self.labels.values()]},
            schema={"iri": pl.String, "label": pl.String},
        )


def titles(frame: Frame, lang: str) -> pl.DataFrame:
    """The title of each subject of ``frame`` that has one: columns iri and label.

    Of several titles the one in ``lang`` is taken, then one without a language, then the first by code point.
    """
    parts = []
    for rank, predicate in enumerate(TITLE_PREDICATES):
        found = frame.predicate(predicate)
        if found.height:
            parts.append(found.select("s", "o", pl.lit(rank, pl.UInt8).alias("rank")))
    if not parts:
        return pl.DataFrame(schema={"iri": pl.String, "label": pl.String})
    table = pl.concat(parts)
    terms = frame.terms
    language = terms["language"].gather(table["o"])
    table = table.with_columns(
        terms["lexical"].gather(table["s"]).alias("iri"),
        terms["lexical"].gather(table["o"]).alias("label"),
        language.alias("language"),
    ).with_columns(
        pl.when(pl.col("language") == lang).then(0).when(pl.col("language").is_null()).then(1).otherwise(2).alias("far")
    )
    return (
        table.sort("iri", "rank", "far", "label")
        .unique("iri", keep="first", maintain_order=True)
        .select("iri", "label")
    )


def readable(fields: Fields, names: Names, lang: str) -> pl.DataFrame:
    """The values of ``fields`` as text: columns record, field, value (term code) and text.

    A literal is its lexical form; an IRI is shown by its label where the ontologies or the frame have one.
    """
    frame = fields.frame
    codes = fields.values.select("value").unique().sort("value")
    terms = frame.terms[codes["value"]].select("kind", "lexical").with_columns(codes["value"])
    labels = pl.concat([titles(frame, lang), names.table(lang)]).unique("iri", keep="first", maintain_order=True)
    text = terms.join(labels, left_on="lexical", right_on="iri", how="left").select(
        "value",
        pl.when((pl.col("kind") == IRI) & pl.col("label").is_not_null())
        .then(pl.col("label"))
        .otherwise(pl.col("lexical"))
        .alias("text"),
    )
    return fields.values.join(text, on="value", how="left", maintain_order="left")


def headings(fields: tuple[Field, ...], names: Names, lang: str) -> list[str]:
    """A column heading for each field, all different: the labels of the last steps of its path, as few as tell it apart."""
    steps = [[names.step(predicate, lang) for predicate in one.path] for one in fields]
    suffix = [f" ({one.language})" if one.language else "" for one in fields]
    lengths = [1] * len(fields)
    while True:
        made = [" › ".join(s[-n:]) + x for s, n, x in zip(steps, lengths, suffix, strict=True)]
        clashes = {heading for heading in made if made.count(heading) > 1}
        growing = [i for i, heading in enumerate(made) if heading in clashes and lengths[i] < len(steps[i])]
        if not growing:
            break
        for i in growing:
            lengths[i] += 1
    return _numbered(made)


def keys(fields: tuple[Field, ...]) -> list[str]:
    """A name for programs for each field, all different: local names from the root, ``hasQuantity.value``, ``name@fr``."""
    made = [
        ".".join(("^" if step.startswith(INVERSE) else "") + local_name(step) for step in one.path)
        + (f"@{one.language}" if one.language else "")
        for one in fields
    ]
    return _numbered(made)


def _numbered(made: list[str]) -> list[str]:
    """``made`` with a number behind each name that stands before it, or that is the column of the record itself."""
    taken, counts = {RECORD}, {RECORD: 1}
    out = []
    for name in made:
        free = name
        while free in taken:
            counts[name] = counts.get(name, 1) + 1
            free = f"{name} ({counts[name]})"
        taken.add(free)
        out.append(free)
    return out
