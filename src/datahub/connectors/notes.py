"""Findings that connectors add to those of readers and mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from datahub.connectors.codes import listed, suggestions
from datahub.connectors.definition import Definition, Variant
from datahub.findings import BETWEEN, columns_of, conform, findings
from datahub.i18n import LANGS, Text
from datahub.mapping import Mapping as Rules
from datahub.mapping.model import Call, Constant, Expression, TermMap, references
from datahub.rdf.terms import FN

SUGGESTED = 200
"""Of so many different unknown codes, the most frequent, it is looked which ones were meant: that takes milliseconds for each."""
CODES_TOLD = 8
"""Of a code list, so many are named to whoever wrote something else."""


def assumptions(definition: Definition) -> pl.DataFrame:
    """What the format leaves open and the mapping takes for granted."""
    return findings(
        {"severity": "info", "code": code, "message_en": text.en, "message_fr": text.fr, "rule": definition.name}
        for code, text in definition.assumes
    )


def no_records() -> pl.DataFrame:
    """A file with a header and nothing below."""
    return findings(
        [
            {
                "severity": "warning",
                "code": "no-records",
                "rule": "file",
                "message_en": "The file has the columns of the format but no record.",
                "message_fr": "Le fichier a les colonnes du format mais aucune fiche.",
            }
        ]
    )


def unread(whole: pl.Series, bad: pl.Series) -> pl.DataFrame:
    """The rows of a refused record that were fine themselves."""
    return conform(
        pl.DataFrame({"row": whole.filter(~whole.is_in(bad.implode()))}),
        severity="violation",
        code="record-refused",
        rule="record",
        message_en="Another row of the same record was refused, and with it this one.",
        message_fr="Une autre ligne de la même fiche a été refusée, et celle-ci avec elle.",
        fix_en="Correct the other row.",
        fix_fr="Corrigez l'autre ligne.",
    )


def unfilled(table: pl.DataFrame, variant: Variant, records: pl.Series) -> pl.DataFrame:
    """Required columns that stayed empty in what was written, with the number of rows."""
    rows = []
    for name in variant.filled:
        empty = table[name].is_null()
        if count := int(empty.sum()):
            first = records.filter(empty)[0]
            rows.append(
                {
                    "severity": "warning",
                    "code": "required-empty",
                    "record": first,
                    "column": name,
                    "rule": "header",
                    "message_en": f"The format wants “{name}”; {count} of {table.height} rows have nothing for it.",
                    "message_fr": f"Le format demande « {name} » ; {count} lignes sur {table.height} n'ont rien à y mettre.",
                    "fix_en": "Complete these rows before you import the file.",
                    "fix_fr": "Complétez ces lignes avant d'importer le fichier.",
                }
            )
    return findings(rows)


def colliding(notes: pl.DataFrame) -> pl.DataFrame:
    """Of what was told of the identifiers in a file that was just written: those that several records share there (severity
    warning), each once. A reader would refuse them."""
    shared = notes.filter(code="identifier-collision").unique("value", keep="first", maintain_order=True)
    return conform(
        shared.drop("severity", "fix_en", "fix_fr"),
        severity="warning",
        fix_en="The format does not say whose identifier it is. Write a file for each producer or owner.",
        fix_fr="Le format ne dit pas à qui est l'identifiant. Écrivez un fichier par producteur ou propriétaire.",
    )


def under_own_headers(told: pl.DataFrame, headers: Mapping[str, str]) -> pl.DataFrame:
    """``told`` with the columns as the file calls them, where they have several names: ``headers`` by the name of the format."""
    if not headers or told.is_empty():
        return told
    columns = {
        column: headers.get(column) or BETWEEN.join(headers.get(name, name) for name in columns_of(column))
        for column in told["column"].unique().drop_nulls()
    }
    quoted = [(mark.format(name), mark.format(own)) for name, own in headers.items() for mark in ("“{}”", "« {} »")]
    texts = [name for name in told.columns if name.startswith(("message_", "fix_"))]
    return told.with_columns(
        pl.col("column").replace(columns),
        pl.col(texts).str.replace_many([before for before, _ in quoted], [after for _, after in quoted]),
    )


def with_suggestions(told: pl.DataFrame, mapping: Rules) -> pl.DataFrame:
    """``told`` with the nearest codes as the fix of each value that a code list does not know; where none is near, the codes
    themselves, or some of them."""
    unknown = told.filter(
        pl.col("code").is_in(["value-not-in-code-list", "value-unreadable"]) & pl.col("value").is_not_null()
    )
    lists = lookups(mapping)
    known_lists = unknown.filter(pl.col("column").is_in(list(lists)))
    values = (
        known_lists.group_by("column", "value", maintain_order=True)
        .len()
        .sort("len", descending=True, maintain_order=True)
    )
    among = {column: _among(listed(*lists[column])) for column in values["column"].unique()}
    rows = []
    for place, (column, value, _) in enumerate(values.iter_rows()):
        near = suggestions(value, *lists[column]) if place < SUGGESTED else ()
        fix = _meant(near) or among[column]
        rows.append((column, value, fix.en, fix.fr))
    if not rows:
        return told
    schema = dict.fromkeys(("column", "value", "better_en", "better_fr"), pl.String)
    known = pl.DataFrame(rows, schema=schema, orient="row")
    joined = told.join(known, on=["column", "value"], how="left", maintain_order="left")
    better = [pl.coalesce(f"better_{lang}", f"fix_{lang}").alias(f"fix_{lang}") for lang in LANGS]
    return joined.with_columns(better).drop("better_en", "better_fr")


def _meant(near: Sequence[str]) -> Text | None:
    if not near:
        return None
    en, fr = _spelt(near)
    return Text(f"Did you mean {en}?", f"Vouliez-vous dire {fr} ?")


def _among(codes: Sequence[str]) -> Text:
    """The codes of a short list, and some of a long one."""
    en, fr = _spelt(codes[:CODES_TOLD])
    if len(codes) <= CODES_TOLD:
        return Text(f"Use one of {en}.", f"Écrivez l'un de ces codes : {fr}.")
    return Text(
        f"Use one of the {len(codes)} codes of the list, such as {en}.",
        f"Écrivez l'un des {len(codes)} codes de la liste, comme {fr}.",
    )


def _spelt(codes: Sequence[str]) -> tuple[str, str]:
    return ", ".join(f"“{each}”" for each in codes), ", ".join(f"« {each} »" for each in codes)


def lookups(mapping: Rules) -> dict[str, tuple[str, str]]:
    """The code list that each column is looked up in: column → scheme and notation."""
    found: dict[str, tuple[str, str]] = {}
    for triples_map in mapping.maps:
        for pom in triples_map.properties:
            for value in pom.objects:
                if isinstance(value, TermMap) and isinstance(value.expression, Call):
                    _collect(value.expression, found)
    return found


def _collect(call: Call, found: dict[str, tuple[str, str]]) -> None:
    inputs = dict(call.inputs)
    if call.function == FN + "lookup":
        scheme, notation = _constant(inputs.get(FN + "scheme")), _constant(inputs.get(FN + "property"))
        for name in references(inputs.get(FN + "value")):
            if scheme and notation:
                found.setdefault(name, (scheme, notation))
    for value in inputs.values():
        if isinstance(value, Call):
            _collect(value, found)


def _constant(value: Expression | None) -> str | None:
    return value.term.lexical if isinstance(value, Constant) else None
