"""What becomes of each source column: where it goes in RDF, and whether it is read back when data is lowered."""

from __future__ import annotations

import polars as pl

from datahub.i18n import Text
from datahub.mapping.inverse import NOT_LINKED, inverses
from datahub.mapping.inversion import invert_subject
from datahub.mapping.model import Mapping, TermMap, references
from datahub.mapping.nodes import Node, classes, constant, object_maps, suffix
from datahub.mapping.plan import Plan, links, plan

ONLY_NAMES = (
    "derived",
    Text("It only names the record and can't be read back.", "Elle nomme seulement la fiche, sans retour possible."),
)
NOT_A_VALUE = (
    "derived",
    Text(
        "It says the language, datatype, property or graph of other values, and is not read back.",
        "Elle dit la langue, le type, la propriété ou le graphe d'autres valeurs, sans retour possible.",
    ),
)
KEY_ONLY = (
    "join",
    Text("It only finds the other record, by its key.", "Elle sert seulement à trouver l'autre fiche, par sa clé."),
)
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "column": pl.String,
    "class": pl.String,
    "path": pl.List(pl.String),
    "node_class": pl.String,
    "predicate": pl.String,
    "suffix": pl.String,
    "lifted": pl.Boolean,
    "invertible": pl.Boolean,
    "reason": pl.String,
    "reason_en": pl.String,
    "reason_fr": pl.String,
}


def columns(mapping: Mapping | Plan) -> pl.DataFrame:
    """Each use of each column of the sources of ``mapping``, and whether it can be read back.

    Columns: source, column, class (of the record), path (predicate IRIs from the record; ``^`` marks one followed backwards),
    node_class, predicate, suffix (how the IRI of the node ends, as ``#offer``), lifted (false: only written), invertible,
    reason (code, null when invertible), reason_en, reason_fr. A column that is only part of an IRI has no predicate.
    """
    compiled = mapping if isinstance(mapping, Plan) else plan(mapping)
    rows: list[dict[str, object]] = []
    for inverse in inverses(compiled):
        record = next(iter(classes(inverse.nodes[0].map)), None)

        def add(
            column: str,
            node: Node,
            predicate: str | None,
            reason: tuple[str, Text] | None,
            source: str = inverse.source.key,
            record: str | None = record,
            lifted: bool = True,
        ) -> None:
            rows.append(
                {
                    "source": source,
                    "column": column,
                    "class": record,
                    "path": [*node.path, *([predicate] if predicate else [])],
                    "node_class": next(iter(classes(node.map)), None),
                    "predicate": predicate,
                    "suffix": suffix(node.map),
                    "lifted": lifted,
                    "invertible": reason is None,
                    "reason": reason[0] if reason else None,
                    "reason_en": reason[1].en if reason else None,
                    "reason_fr": reason[1].fr if reason else None,
                }
            )

        for reader in inverse.readers:
            node = inverse.nodes[reader.node]
            add(reader.inversion.column, node, reader.predicate, None, lifted=not reader.written_only)
        for unread in inverse.unread:
            for column in unread.columns:
                add(column, inverse.nodes[unread.node], unread.predicate or None, unread.reason)
        for m in inverse.unreached:
            for pom, value in object_maps(m):
                if isinstance(value, TermMap):
                    for column in dict.fromkeys(references(value.expression)):
                        add(column, Node(m), constant(pom.predicates[0]), NOT_LINKED)
        known = {row["column"] for row in rows if row["source"] == inverse.source.key}
        for node in inverse.nodes:
            readable = {found.column for found in invert_subject(node.map.subject, compiled.calls, "")}
            for column in () if node.joins else sorted(node.map.subject_references()):
                if column not in known:
                    add(column, node, None, None if column in readable else ONLY_NAMES)
                    known.add(column)
        root = inverse.nodes[0]
        keys = {
            name
            for m in compiled.mapping.maps
            for link in links(m)
            for join in link.joins
            for name in (*references(join.child), *references(join.parent))
        }
        for column in inverse.source.references:  # nothing that is read goes unlisted
            if column not in known:
                add(column, root, None, KEY_ONLY if column in keys else NOT_A_VALUE)
    return pl.DataFrame(rows, schema=COLUMNS)
