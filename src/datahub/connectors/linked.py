"""Native RDF (JSON-LD, Turtle, RDF/XML, N-Triples) brought to the canonical vocabulary, and written as a peer reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from datahub.connectors.align import aligned
from datahub.connectors.definition import Definition, Variant
from datahub.connectors.lift import Lift, Lowering
from datahub.connectors.notes import assumptions
from datahub.connectors.recognise import Look
from datahub.connectors.repair import inverses, linked, repaired, unknown_terms, with_iris
from datahub.errors import InputError
from datahub.findings import findings
from datahub.i18n import Text
from datahub.mapping.balance import balance
from datahub.mapping.listing import COLUMNS
from datahub.mapping.loss import ADDED_SCHEMA, EXAMPLES, LOSS_SCHEMA, REASONS, Loss
from datahub.profiles.namespaces import aliases, compact, contexts, expand, prefixes
from datahub.profiles.vocabulary import vocabulary
from datahub.rdf import guards
from datahub.rdf.formats import FORMATS, parse, write
from datahub.rdf.frame import Frame
from datahub.rdf.jsonld import Context
from datahub.rdf.rewrite import rewrite
from datahub.rdf.skolem import skolemise
from datahub.rdf.split import record_iris
from datahub.rdf.terms import IRI, LITERAL, NS, RDF_TYPE, curie
from datahub.sources.limits import Limits

NO_TERM = Text("The vocabulary has no word for it.", "Le vocabulaire n'a pas de mot pour cela.")


@dataclass(frozen=True)
class Linked:
    """One variant of a connector whose files are RDF."""

    definition: Definition
    variant: Variant

    @property
    def columns(self) -> pl.DataFrame:
        """RDF has no columns."""
        return pl.DataFrame(schema=COLUMNS)

    def lift(self, data: bytes | Path, seen: Look, base: str, limits: Limits) -> Lift:
        """The file in the canonical namespaces, with repairs made, inverse links stated and blank nodes named.

        Records keep their own IRIs; ``base`` resolves relative ones. Each step is told once, with its count.
        """
        options = self.variant.rdf
        caps = guards.Limits(max_bytes=limits.max_bytes, max_triples=limits.max_triples)
        frame = parse(data, syntax(seen), base=base, contexts=contexts(), limits=caps)
        before = frame
        frame = rewrite(frame, aliases()).frame
        frame, repairs = repaired(frame, self.definition.repairs)
        frame, links = linked(frame)
        self._refuse_foreign(frame)
        notes = [assumptions(self.definition), self._version(before, frame), repairs, links]
        if options.inverses:
            notes.append(unknown_terms(frame, options.inverses))
        frame = skolemise(frame, base)
        if options.inverses:
            frame, count = inverses(frame, options.inverses)
            notes.append(_inverses_told(count))
        return Lift(frame, pl.concat(notes), self.variant.name, _count(frame))

    def lower(self, frame: Frame, base: str) -> Lowering:
        """``frame`` in the vocabulary of the variant; properties of other vocabularies are lost, and counted."""
        options = self.variant.rdf
        given = frame = skolemise(frame, base)  # as reading it again does; a name for a blank node loses nothing
        frame = aligned(frame, self.definition.accepts)
        own = _own_concepts(frame)
        kept = self._expressible(frame, own) & ~frame.triples["o"].is_in(list(own))
        out = _with_broader(Frame(frame.terms, frame.triples.filter(kept)), frame.triples.filter(~kept), own)
        if options.inverses:
            out, _ = inverses(out, options.inverses)
        written = self._generation(out)
        loss = _loss(given, kept, _there(given, self._canonical(written)))
        context = Context.read(contexts()[options.context], options.context) if options.context else None
        data = write(written.compact(), FORMATS["jsonld"], context=context)
        return Lowering(data, "application/ld+json", f"{self.definition.name}.jsonld", loss, _count(out))

    def _canonical(self, frame: Frame) -> Frame:
        """``frame`` as reading it makes it: in the canonical namespaces and with repairs made."""
        frame, _ = repaired(rewrite(frame, aliases()).frame, self.definition.repairs)
        return linked(frame)[0]

    def _expressible(self, frame: Frame, own: Mapping[int, str | None]) -> pl.Series:
        """Which triples the vocabulary has a word for. ``own``: concepts of the hub alone, each with the broader one, if any."""
        spaces = [prefixes()[prefix] for prefix in self.variant.rdf.namespaces]
        inside = frame.terms.select(
            pl.any_horizontal(pl.col("lexical").str.starts_with(space) for space in spaces) & (pl.col("kind") == IRI)
        ).to_series()
        t = frame.triples
        a = frame.iri(RDF_TYPE)
        types = t["p"] == (a if a is not None else -1)
        known = inside.gather(t["p"]) | (types & inside.gather(t["o"]))
        if not len(frame):
            return known
        # A node of which only foreign properties and concepts are known is not written as an empty node.
        without = [code for code, broader in own.items() if broader is None]
        said = t.filter(known & ~types & ~t["o"].is_in(without))["s"]
        return known & t["s"].is_in(said.implode())

    def _generation(self, frame: Frame) -> Frame:
        """``frame`` in the namespaces and class names of the version that is written."""
        for right, wrong in self.variant.rdf.classes_written.items():
            code = frame.iri(expand(right))
            a = frame.iri(RDF_TYPE)
            if code is None or a is None:
                continue
            frame = with_iris(frame, [expand(wrong)])
            into = frame.iri(expand(wrong))
            hits = (pl.col("p") == a) & (pl.col("o") == code)
            column = pl.when(hits).then(pl.lit(into, pl.UInt32)).otherwise(pl.col("o")).alias("o")
            frame = Frame(frame.terms, frame.triples.with_columns(column))
        spaces = {prefixes()[prefix]: space for prefix, space in self.variant.rdf.writes.items()}
        return rewrite(frame, spaces).frame

    def _refuse_foreign(self, frame: Frame) -> None:
        wanted = [expand(name) for name in self.variant.rdf.classes]
        types = frame.predicate(RDF_TYPE)["o"].unique()
        found = set(frame.terms["lexical"].gather(types))
        if not wanted or found & set(wanted):
            return
        shown = ", ".join(sorted(compact(iri) for iri in found)[:3]) or "–"
        names = ", ".join(self.variant.rdf.classes[:3])
        title = self.definition.title
        raise InputError(
            "not-this-format",
            Text(
                f"This does not look like “{title.en}”: it holds none of {names} …, but {shown}.",
                f"Ceci ne ressemble pas à « {title.fr} » : il ne contient aucun {names} …, mais {shown}.",
            ),
            Text(
                "Check that it is the right file, and that its context declares the prefixes.",
                "Vérifiez que c'est le bon fichier et que son contexte déclare les préfixes.",
            ),
        )

    def _version(self, before: Frame, after: Frame) -> pl.DataFrame:
        """Which version of the vocabulary the document was taken to follow, and why."""
        iris = before.terms.filter(pl.col("kind") == IRI)["lexical"]
        after_iris = set(after.terms["lexical"])
        for generation in self.definition.generations:
            words = [expand(term) for term in generation.terms]
            seen = next((word for word in words if word in after_iris or _is_in(before, word)), None)
            space = next((space for space in generation.namespaces if iris.str.starts_with(space).any()), None)
            reason = compact(seen) if seen else space
            if reason:
                return findings(
                    [
                        {
                            "severity": "info",
                            "code": "version-assumed",
                            "value": generation.version.en,
                            "rule": "version",
                            "message_en": f"Read as version {generation.version.en}, which {reason} shows.",
                            "message_fr": f"Lu comme version {generation.version.fr}, que montre {reason}.",
                        }
                    ]
                )
        return findings()


def syntax(seen: Look) -> str:
    """The name of the RDF syntax that the beginning of a file shows."""
    if seen.form == "json":
        return "jsonld"
    text = "\n".join(seen.lines).lstrip()
    return "rdfxml" if re.match(r"<(\?xml|!|rdf:|[A-Za-z]+[\s>])", text) else "ttl"


def _own_concepts(frame: Frame) -> dict[int, str | None]:
    """The hub's own concepts among the values of ``frame``: code → the nearest broader concept that others know, or none."""
    values = frame.triples["o"].unique()
    iris = frame.terms["lexical"].gather(values)
    own = iris.str.starts_with(NS) & (frame.terms["kind"].gather(values) == IRI)
    return {code: _broader(iri) for code, iri in zip(values.filter(own), iris.filter(own), strict=True)}


def _broader(iri: str) -> str | None:
    """The nearest broader concept of ``iri`` that is not the hub's own."""
    seen, wave = {iri}, [iri]
    while wave:
        parents = [parent for each in wave if each in vocabulary() for parent in vocabulary().term(each).parents]
        foreign = [parent for parent in parents if not parent.startswith(NS)]
        if foreign:
            return foreign[0]
        wave = [parent for parent in parents if parent not in seen]
        seen.update(wave)
    return None


def _with_broader(frame: Frame, lost: pl.DataFrame, own: dict[int, str | None]) -> Frame:
    """``frame`` with those of the ``lost`` triples whose value has a broader concept, with that instead."""
    known = {code: iri for code, iri in own.items() if iri}
    instead = lost.filter(pl.col("o").is_in(list(known)))
    if not instead.height:
        return frame
    frame = with_iris(frame, sorted(set(known.values())))
    codes = [frame.iri(iri) for iri in known.values()]
    replaced = instead.with_columns(pl.col("o").replace_strict(list(known), codes, return_dtype=pl.UInt32))
    return Frame(frame.terms, pl.concat([frame.triples, replaced]).unique(["s", "p", "o"], maintain_order=True))


def _count(frame: Frame) -> int:
    """How many records ``frame`` holds: its subjects, parts of others left out."""
    return len(record_iris(frame.terms["lexical"].gather(frame.triples["s"].unique())).unique())


def _is_in(frame: Frame, canonical: str) -> bool:
    """Whether ``canonical`` occurs in ``frame`` in any of the forms that are rewritten to it."""
    if frame.iri(canonical) is not None:
        return True
    return any(
        frame.iri(alias + canonical.removeprefix(space)) is not None
        for alias, space in aliases().items()
        if canonical.startswith(space)
    )


def _inverses_told(count: int) -> pl.DataFrame:
    if not count:
        return findings()
    return findings(
        [
            {
                "severity": "info",
                "code": "inverse-inferred",
                "rule": "inverse",
                "value": str(count),
                "message_en": f"{count} links were stated in one direction only; the inverse links were added.",
                "message_fr": f"{count} liens n'étaient donnés que dans un sens ; les liens inverses ont été ajoutés.",
                "fix_en": "State both directions: some peers read only one of them.",
                "fix_fr": "Donnez les deux sens : certains partenaires n'en lisent qu'un.",
            }
        ]
    )


def _there(frame: Frame, again: Frame) -> pl.Series:
    """Which triples of ``frame`` are in ``again``."""
    terms = again.terms.with_row_index("code").with_columns(pl.col("code").cast(pl.UInt32))
    names = ["kind", "lexical", "datatype", "language"]
    code = frame.terms.join(terms, on=names, how="left", nulls_equal=True, maintain_order="left")["code"]
    codes = frame.triples.select(code.gather(frame.triples[c]).alias(c) for c in "spog")
    graph = frame.triples["g"].is_null() | codes["g"].is_not_null()
    found = again.triples.select("s", "p", "o", "g").unique().with_columns(pl.lit(value=True).alias("there"))
    table = codes.join(found, on=["s", "p", "o", "g"], how="left", nulls_equal=True, maintain_order="left")
    known = codes["s"].is_not_null() & codes["p"].is_not_null() & codes["o"].is_not_null() & graph
    return table["there"].fill_null(value=False) & known


def _loss(frame: Frame, written: pl.Series, kept: pl.Series) -> Loss:
    """The loss where the triples ``written`` are in the document, and those ``kept`` come out of it as they were."""
    values = frame.terms["kind"].gather(frame.triples["o"]) == LITERAL
    reason = (
        pl.DataFrame({"written": written, "value": values})
        .select(
            pl.when(~pl.col("written"))
            .then(pl.lit("no-term"))
            .when("value")
            .then(pl.lit("precision"))
            .otherwise(pl.lit("equivalent"))
        )
        .to_series()
    )
    lost = frame.triples.with_columns(reason.alias("reason")).filter(~kept)
    record_by_record = partial(balance, frame, (~kept).arg_true())
    by_field = partial(_fields, frame, kept, reason)
    nothing = pl.DataFrame(schema=ADDED_SCHEMA)
    if not lost.height:
        return Loss(pl.DataFrame(schema=LOSS_SCHEMA), len(frame), len(frame), nothing, record_by_record, by_field)
    types = (
        frame.predicate(RDF_TYPE).unique("s", keep="first", maintain_order=True).select("s", pl.col("o").alias("class"))
    )
    grouped = (
        lost.join(types, on="s", how="left", maintain_order="left")
        .group_by("class", "p", "reason", maintain_order=True)
        .agg(
            pl.len().cast(pl.UInt32).alias("count"),
            pl.col("s").first(),
            pl.col("o").unique(maintain_order=True).head(EXAMPLES),
        )
    )
    lexical = frame.terms["lexical"]
    examples = [[lexical[code] for code in codes] for codes in grouped["o"]]
    words = {"no-term": NO_TERM, **REASONS}
    table = pl.DataFrame(
        {
            "class": [curie(lexical[code]) if code is not None else None for code in grouped["class"]],
            "field": [curie(lexical[code]) for code in grouped["p"]],
            "reason": grouped["reason"],
            "count": grouped["count"],
            "example_record": lexical.gather(grouped["s"]),
            "example_value": [values[0] for values in examples],
            "examples": examples,
            "message_en": [words[why].en for why in grouped["reason"]],
            "message_fr": [words[why].fr for why in grouped["reason"]],
        },
        schema=LOSS_SCHEMA,
    )
    found = table.sort("class", "field", nulls_last=True)
    return Loss(found, len(frame), len(frame) - lost.height, nothing, record_by_record, by_field)


def _fields(frame: Frame, kept: pl.Series, reason: pl.Series) -> pl.DataFrame:
    """The properties of each class, with how many triples there are of each and how many are lost (columns of `FIELD_SCHEMA`)."""
    types = frame.predicate(RDF_TYPE).unique("s", keep="first", maintain_order=True)
    counted = (
        frame.triples.select("s", "p", (~kept).alias("lost"), ((reason == "equivalent") & ~kept).alias("restated"))
        .join(types.select("s", pl.col("o").alias("class")), on="s", how="left")
        .group_by("class", "p")
        .agg(pl.len().cast(pl.UInt32).alias("total"), pl.col("lost", "restated").sum().cast(pl.UInt32))
    )
    lexical = frame.terms["lexical"]
    names = {code: curie(lexical[code]) for code in {*counted["class"].drop_nulls(), *counted["p"]}}
    named = [
        pl.col(column).replace_strict(list(names), list(names.values()), return_dtype=pl.String).alias(name)
        for column, name in (("class", "class"), ("p", "field"))
    ]
    return counted.select(*named, "total", "lost", "restated").sort("class", "field", nulls_last=True)
