"""Navigation of a lowering: the nodes of each row, from the record along the links of the mapping."""

from __future__ import annotations

import polars as pl

from datahub.mapping.graphtable import GraphTable
from datahub.mapping.inverse import Inverse
from datahub.mapping.model import Link
from datahub.mapping.nodes import Node, classes, constant


def navigate(inverse: Inverse, graph: GraphTable) -> pl.DataFrame:
    """One line per row to write: column ``n0`` is the code of the record, ``n1`` … those of the other nodes, null where absent.

    Records come in the order of the frame; several children of one record make several adjacent rows.
    """
    rows = pl.DataFrame({"n0": records(inverse, graph)}, schema={"n0": pl.UInt32})
    for number, node in enumerate(inverse.nodes[1:], 1):
        name = f"n{number}"
        parent = f"n{node.parent}"
        if node.predicate is None:
            rows = rows.with_columns(pl.col(parent).alias(name))
            continue
        links = targets(node, graph)
        if node.repeated:
            rows = rows.join(
                links.rename({"from": parent, "to": name}), on=parent, how="left", maintain_order="left_right"
            )
        else:
            rows = rows.with_columns(graph.at(links["from"], links["to"], rows[parent]).alias(name))
    return rows


def records(inverse: Inverse, graph: GraphTable) -> pl.Series:
    """The record nodes: those of the root's first class; where it has none, those that have one of its properties."""
    root = inverse.nodes[0].map
    named = classes(root)
    if named:
        return graph.members(named[0])
    predicates = [name for pom in root.properties for name in map(constant, pom.predicates) if name]
    return graph.subjects(predicates)


def targets(node: Node, graph: GraphTable) -> pl.DataFrame:
    """The links that lead to ``node``: columns from and to, in frame order, without literals."""
    assert node.predicate is not None
    triples = graph.triples(node.predicate)
    links = (
        triples.select(pl.col("o").alias("from"), pl.col("s").alias("to"))
        if node.backwards
        else triples.select(pl.col("s").alias("from"), pl.col("o").alias("to"))
    )
    links = links.filter(graph.terms["kind"].gather(links["to"]) != 2)
    named = classes(node.map)
    if node.by_class and named:
        members = graph.members(named[0])
        links = links.filter(pl.col("to").is_in(members.implode()))
    if node.by_suffix is not None:
        links = links.filter(graph.terms["lexical"].gather(links["to"]).str.ends_with(node.by_suffix))
    return links


def owners(
    first: Inverse, above: pl.DataFrame, inverse: Inverse, rows: pl.DataFrame, graph: GraphTable
) -> pl.DataFrame:
    """The ``rows`` of ``inverse`` that are joined, in either direction, to a row of the ``first`` source (``above``): columns row
    and owner, the positions of both, in the order of the rows; each pair once."""
    pairs = [pl.DataFrame(schema={"row": pl.UInt32, "owner": pl.UInt32})]
    for child, parent, swapped in ((inverse, first, False), (first, inverse, True)):
        lower, upper = (above, rows) if swapped else (rows, above)
        places = {node.map.id: number for number, node in enumerate(parent.nodes) if not node.joins}
        for node in child.nodes:
            if inverse is first or not node.joins or node.map.id not in places:
                continue
            left = _positions(lower, node.parent, "from", "owner" if swapped else "row")
            right = _positions(upper, places[node.map.id], "to", "row" if swapped else "owner")
            pairs.append(targets(node, graph).join(left, on="from").join(right, on="to").select("row", "owner"))
    return pl.concat(pairs).unique().sort("row", "owner")


def _positions(rows: pl.DataFrame, node: int | None, code: str, name: str) -> pl.DataFrame:
    """Where node number ``node`` stands: its codes, each once, and the positions of its first row."""
    found = rows.select(pl.col(f"n{node}").alias(code)).with_row_index(name).drop_nulls()
    return found.unique(code, keep="first", maintain_order=True)


def link_predicates(inverses: list[Inverse]) -> set[str]:
    """The predicates that mappings use for links between the nodes of a row or with those of another."""
    return {
        name
        for inverse in inverses
        for node in inverse.nodes
        if not node.joins
        for pom in node.map.properties
        if any(isinstance(value, Link) for value in pom.objects)
        for name in map(constant, pom.predicates)
        if name
    }
