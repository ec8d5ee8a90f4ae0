"""SHACL results in the publisher's own words: row, column and value as they stand in the native file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from datahub.connectors.connector import Connector
from datahub.connectors.lift import Lift
from datahub.connectors.notes import under_own_headers
from datahub.connectors.tabular import Tabular
from datahub.findings import BETWEEN, conform, findings
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, RDF_TYPE, curie

if TYPE_CHECKING:
    from datahub.shacl import Report, Shape, Shapes

TOLD = 500
"""Characters of a value that a finding repeats."""
_NO_IRI = ("<", "^", "(")
"""How a path begins that is more than one property."""


def explain(report: Report, frame: Frame, connector: Connector | None, lift: Lift | None = None) -> pl.DataFrame:
    """The results of ``report`` on ``frame`` as findings; see `datahub.findings.FINDING_SCHEMA`.

    ``column`` is the publisher's own column, found through the mapping (the property's name where the format has none, as in RDF
    and without ``connector``).
    With ``lift``, from which ``frame`` came, ``value`` is the cell as the publisher wrote it; else it is the RDF value.
    """
    # A rule that a node meets by two of its classes is told once.
    results = report.results.unique(["shape", "component", "focus", "path", "value", "message_en"], maintain_order=True)
    if not results.height:
        return findings()
    placed = _columns(_rows(_named(results, report, frame), frame), report.shapes, frame, connector, lift)
    told = conform(_cells(placed, lift).sort("row", maintain_order=True, nulls_last=True))
    return told if lift is None else under_own_headers(told, lift.headers)


def _named(results: pl.DataFrame, report: Report, frame: Frame) -> pl.DataFrame:
    """With the codes of path and record, and the texts of focus and value."""
    rules = _rules(report.shapes)
    lexical = report.terms["lexical"]  # a target node of a shape need not occur in the frame
    paths = results["path"].unique().drop_nulls()
    codes = {path: frame.iri(path) for path in paths}
    focus = lexical.gather(results["focus"])
    # The name of the rule: national-identifier, or that of the constraint where the shape has none.
    named = pl.when(pl.col("shape").str.starts_with("http")).then("shape").otherwise("component")
    local = named.str.extract(r"([^/#]+)$", 1).str.strip_suffix("ConstraintComponent")
    kebab = local.str.replace_all(r"([a-z0-9])([A-Z])", "$1-$2").str.to_lowercase()
    return results.with_columns(
        pl.col("path")
        .replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.UInt32)
        .alias("p"),
        focus.alias("focus_iri"),
        focus.str.replace(r"#.*$", "").alias("record"),
        # A rule on a record as a whole has the record for its value: that is no cell.
        pl.when(
            pl.col("path").is_null() & (pl.col("value") == pl.col("focus")) & focus.str.contains("^(?:https?|urn):")
        )
        .then(None)
        .otherwise(lexical.gather(results["value"]).str.slice(0, TOLD))
        .alias("value_text"),
        pl.col("shape").replace(rules).alias("rule"),
        kebab.alias("code"),
    )


def _rules(shapes: Shapes) -> dict[str, str]:
    """A name for each shape that has no IRI: that of the shape that it belongs to, and its path."""
    from datahub.shacl.doubt import references
    from datahub.shacl.paths import text

    owners = {node: one for one in shapes.by_node.values() for each in one.constraints for node in references(each)}
    found = {}
    for shape in shapes.by_node.values():
        if shape.node.kind != BLANK:
            continue
        steps, at, seen = [] if shape.path is None else [text(shape.path)], shape, {shape.node}
        while at.node.kind == BLANK and at.node in owners and owners[at.node].node not in seen:
            at = owners[at.node]
            seen.add(at.node)
            steps = [*([] if at.path is None or at.node.kind != BLANK else [text(at.path)]), *steps]
        owner = [at.node.lexical] if at.node.kind != BLANK else []
        found[shape.node.lexical] = " / ".join([*owner, *steps]) or shape.node.lexical
    return found


def _rows(results: pl.DataFrame, frame: Frame) -> pl.DataFrame:
    """With the source row: of the very triple, else of the focus node, else of its record."""
    named = frame.terms["lexical"].is_in(pl.concat([results["focus_iri"], results["record"]]).implode())
    t = frame.triples.select("s", "p", "o", "row").filter(named.gather(frame.triples["s"])).drop_nulls("row")
    if not t.height:
        return results.with_columns(pl.lit(None, pl.UInt32).alias("row"))
    triple = t.group_by("s", "p", "o").agg(pl.col("row").min().alias("row_triple"))
    focus = t.group_by("s").agg(pl.col("row").min().alias("row_focus"))
    iri = frame.terms["lexical"].gather(focus["s"])
    record = focus.select(iri.alias("record"), pl.col("row_focus").alias("row_record"))
    return (
        results.join(
            triple, left_on=["focus", "p", "value"], right_on=["s", "p", "o"], how="left", maintain_order="left"
        )
        .join(focus, left_on="focus", right_on="s", how="left", maintain_order="left")
        .join(record, on="record", how="left", maintain_order="left")
        .with_columns(pl.coalesce("row_triple", "row_focus", "row_record").alias("row"))
    )


def _columns(
    results: pl.DataFrame, shapes: Shapes, frame: Frame, connector: Connector | None, lift: Lift | None
) -> pl.DataFrame:
    """With the native column that the property came from."""
    words = {path: _word(path) for path in results["path"].unique().drop_nulls()}
    word = pl.col("path").replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    if connector is None or not (table := connector.columns.filter("lifted")).height:
        return results.with_columns(word.alias("column"))
    if lift is not None:
        table = table.filter(pl.col("variant") == lift.variant)
    own = ~pl.col("column").str.starts_with("_")
    files = _files(connector, lift)
    file = pl.col("source").replace_strict(list(files), list(files.values()), default=None, return_dtype=pl.String)
    exact = (
        table.filter(own & pl.col("predicate").is_not_null())
        .group_by("node_class", "predicate", maintain_order=True)
        .agg(pl.col("column").first().alias("exact"), file.first().alias("file"))
    )
    through = (
        table.filter(own)
        .explode("path")
        .drop_nulls("path")
        .group_by(pl.col("path").alias("link"), maintain_order=True)
        .agg(pl.col("column").first().alias("through"))
    )
    types = frame.predicate(RDF_TYPE).unique("s", keep="first", maintain_order=True)
    classes = types.select("s", frame.terms["lexical"].gather(types["o"]).alias("node_class"))
    classed = results.join(classes, left_on="focus", right_on="s", how="left", maintain_order="left")
    return (
        classed.join(
            exact,
            left_on=["node_class", "path"],
            right_on=["node_class", "predicate"],
            how="left",
            maintain_order="left",
        )
        .join(through, left_on="path", right_on="link", how="left", maintain_order="left")
        .join(_asked(classed, shapes, exact, through), on=["shape", "node_class"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("exact", "through", word, "asked").alias("column"))
    )


def _files(connector: Connector, lift: Lift | None) -> dict[str, str | None]:
    """The file of each source, where a format has several files; else none."""
    pipeline = None if lift is None else connector.pipelines[lift.variant]
    sources = pipeline.plan.sources if isinstance(pipeline, Tabular) else ()
    several = len({source.name for source in sources}) > 1
    return {source.key: source.name if several else None for source in sources}


def _asked(results: pl.DataFrame, shapes: Shapes, exact: pl.DataFrame, through: pl.DataFrame) -> pl.DataFrame:
    """For rules on a record as a whole: the columns of all properties that they ask for."""
    whole = results.filter(pl.col("path").is_null()).select("shape", "node_class").unique(maintain_order=True)
    nodes = {shape.node.lexical: shape for shape in shapes.by_node.values()}
    wanted = [
        (name, iri) for name in whole["shape"].unique(maintain_order=True) for iri in _properties(nodes[name], shapes)
    ]
    paths = pl.DataFrame(wanted, schema={"shape": pl.String, "asked_path": pl.String}, orient="row")
    return (
        whole.join(paths, on="shape", maintain_order="left_right")
        .join(
            exact,
            left_on=["node_class", "asked_path"],
            right_on=["node_class", "predicate"],
            how="left",
            maintain_order="left",
        )
        .join(through, left_on="asked_path", right_on="link", how="left", maintain_order="left")
        .select("shape", "node_class", pl.coalesce("exact", "through").alias("asked"))
        .drop_nulls("asked")
        .group_by("shape", "node_class", maintain_order=True)
        .agg(pl.col("asked").unique(maintain_order=True).str.join(BETWEEN))
    )


def _properties(shape: Shape, shapes: Shapes) -> list[str]:
    """The properties that a rule on a whole record looks at, in its order."""
    from datahub.shacl.doubt import references
    from datahub.shacl.paths import Predicate

    found = [shape.path.iri] if isinstance(shape.path, Predicate) else []
    for constraint in shape.constraints:
        for node in references(constraint):
            found += _properties(shapes.by_node[node], shapes)
    return list(dict.fromkeys(found))


def _word(path: str) -> str:
    return path if path.startswith(_NO_IRI) else curie(path)


def _cells(results: pl.DataFrame, lift: Lift | None) -> pl.DataFrame:
    """With the value as it stands in the native file, where that is at hand."""
    if lift is None or lift.table is None:
        return results.with_columns(pl.col("value_text").alias("value"))
    wanted = lift.table.filter(pl.col("row").is_in(results["row"].unique().implode()))
    texts = [name for name, dtype in wanted.schema.items() if dtype == pl.String and name in set(results["column"])]
    if not texts:
        return results.with_columns(pl.col("value_text").alias("value"))
    cells = (
        wanted.select("row", *texts)
        .unpivot(texts, index="row", variable_name="column", value_name="cell")
        .with_columns(pl.col("cell").str.slice(0, TOLD))
    )
    joined = results.join(cells, on=["row", "column"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("cell", "value_text").alias("value"))
