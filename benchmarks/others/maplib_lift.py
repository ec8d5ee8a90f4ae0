"""The catalogue to N-Triples by maplib: OTTR templates over a Polars frame, whose columns have to be prepared.

Usage: maplib_lift.py CATALOGUE.csv OUT.nt
"""

from __future__ import annotations

import sys

import polars as pl
from maplib import Model
from statements import LINKS, RECORDS, VALUES, XSD

NODES = {node: f"n{number}" for number, node in enumerate(dict.fromkeys(s for s, *_ in [*LINKS, *VALUES]))}


def typed(column: str, datatype: str) -> pl.Expr:
    """The column as the type that the datatype asks for."""
    if datatype == "date":
        return pl.col(column).str.to_date()
    return pl.col(column).cast(pl.Decimal(38, 12)) if datatype == "decimal" else pl.col(column)


source, out = sys.argv[1:]
table = pl.read_csv(source, infer_schema=False).with_columns(pl.all().replace("", None))
table = table.with_columns(pl.col("producer").str.replace_all(" ", "%20").alias("farm"))
nodes = [
    pl.concat_str([pl.lit(RECORDS + place[0]), "farm" if place[1] == "producer" else place[1], pl.lit(place[2])]).alias(
        name
    )
    for place, name in NODES.items()
]
table = table.select(*nodes, *(typed(column, t).alias(f"v{n}") for n, (_, _, column, t) in enumerate(VALUES)))
model = Model()
arguments = [f"ottr:IRI ?{name}" for name in NODES.values()]
arguments += [f"? <{XSD}{t or 'string'}> ?v{number}" for number, (_, _, _, t) in enumerate(VALUES)]
triples = [
    f"ottr:Triple(?{NODES[s]}, <{p}>, {f'<{o}>' if isinstance(o, str) else '?' + NODES[o]})" for s, p, o in LINKS
]
triples += [f"ottr:Triple(?{NODES[s]}, <{p}>, ?v{number})" for number, (s, p, _, _) in enumerate(VALUES)]
model.add_template(
    "@prefix ottr: <http://ns.ottr.xyz/0.4/> .\n"
    f"<http://bench.example/T> [ {', '.join(arguments)} ] :: {{ {', '.join(triples)} }} ."
)
model.map("http://bench.example/T", table)
model.write(out, format="ntriples")
