"""SHACL: a generated food catalogue against the hub's food shapes, our engine beside pySHACL, from file to report.

    python benchmarks/shacl.py [RECORDS] [--pyshacl] [--profile]

About 22 triples for each record; one record in a hundred carries an error.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import tempfile
import time
from pathlib import Path

import polars as pl

from datahub.rdf.columns import Column
from datahub.rdf.formats import parse, write
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import DFC_B, DFC_F, DFC_M, DFC_PT, DHF, IRI, LITERAL, RDF_TYPE, XSD, Term
from datahub.shacl import load, validate

BASE = "https://hub.example/records/bench/"
SHAPES = Path(__file__).resolve().parents[1] / "shapes"
ERRORS = 100


def catalogue(records: int) -> Frame:
    """A catalogue of ``records`` products with quantity, catalogue item, offer and price, and one enterprise for every 40."""
    n = pl.Series("n", range(records), dtype=pl.UInt32)
    rows = n.to_frame()

    def iri(expression: pl.Expr) -> Column:
        return Column(IRI, rows.select(expression.alias("x")).to_series())

    def literal(expression: pl.Expr, datatype: str | None = None) -> Column:
        return Column(LITERAL, rows.select(expression.cast(pl.String).alias("x")).to_series(), datatype)

    def part(fragment: str) -> Column:
        return iri(pl.format(BASE + "products/P{}" + fragment, "n"))

    n_ = pl.col("n")
    wrong = (n_ % ERRORS) == 7
    product, quantity, item, offer, price = map(part, ("", "#quantity", "#catalogItem", "#offer", "#price"))
    enterprise = iri(pl.format(BASE + "enterprises/E{}", n_ // 40))
    builder = FrameBuilder()
    row = n + 2

    def add(subject: Column, predicate: str, value: Column | Term) -> None:
        builder.add(subject, Term.iri(predicate), value, row=row)

    for subject, cls in [
        (product, "SuppliedProduct"),
        (quantity, "QuantitativeValue"),
        (item, "CatalogItem"),
        (offer, "Offer"),
        (price, "Price"),
        (enterprise, "Enterprise"),
    ]:
        add(subject, RDF_TYPE, Term.iri(DFC_B + cls))
    add(product, DFC_B + "name", literal(pl.format("Produit n° {} du panier", "n")))
    add(product, DFC_B + "description", literal(pl.format("Cultivé à la ferme, récolté le matin, lot {}", n_ % 5000)))
    add(
        product,
        DFC_B + "hasType",
        iri(pl.format(DFC_PT + "{}", pl.when(n_ % 2 == 0).then(pl.lit("apple")).otherwise(pl.lit("cheese")))),
    )
    add(product, DFC_B + "hasCertification", Term.iri(DFC_F + "OrganicLabel"))
    add(product, DFC_B + "suppliedBy", enterprise)
    add(product, DFC_B + "hasQuantity", quantity)
    add(product, DFC_B + "referencedBy", item)
    add(product, DHF + "active", literal(pl.when(wrong).then(pl.lit("oui")).otherwise(pl.lit("true")), XSD + "boolean"))
    add(quantity, DFC_B + "value", literal(n_ % 900 + 100, XSD + "decimal"))
    add(quantity, DFC_B + "hasUnit", Term.iri(DFC_M + "Gram"))
    add(item, DFC_B + "references", product)
    add(item, DFC_B + "sku", literal(pl.format("SKU-{}", "n")))
    add(item, DFC_B + "stockLimitation", literal(n_ % 300, XSD + "integer"))
    add(item, DFC_B + "offeredThrough", offer)
    add(offer, DFC_B + "hasPrice", price)
    amount = pl.format("{}.{}", pl.when(wrong).then(-1).otherwise(n_ % 40), n_ % 90 + 10)
    add(price, DFC_B + "value", literal(amount, XSD + "decimal"))
    add(
        price,
        DFC_B + "VATrate",
        literal(pl.when(n_ % 3 == 0).then(pl.lit("5.5")).otherwise(pl.lit("20")), XSD + "decimal"),
    )
    add(price, DFC_B + "hasUnit", Term.iri(DFC_M + "Euro"))
    add(enterprise, DFC_B + "name", literal(pl.format("Ferme n° {}", n_ // 40)))
    return builder.build()


def main() -> None:
    """Prints one line for each engine."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("records", type=int, nargs="?", default=20_000)
    options.add_argument("--pyshacl", action="store_true")
    options.add_argument("--profile", action="store_true")
    args = options.parse_args()
    files = [SHAPES / name for name in ("components.ttl", "core.ttl", "food.ttl")]
    frame = catalogue(args.records)
    print(f"{args.records} records, {len(frame)} triples, {frame.terms.height} terms")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.nt"
        file.write_bytes(write(frame, "nt"))
        del frame
        ours(file, files, args.profile)
        if args.pyshacl:
            theirs(file, files)


def ours(file: Path, shapes: list[Path], profiled: bool) -> None:
    """Our engine: shapes, file and report."""
    profiler = cProfile.Profile()
    marks = [time.perf_counter()]
    loaded = load(shapes)
    marks.append(time.perf_counter())
    frame = parse(file, "nt")
    marks.append(time.perf_counter())
    if profiled:
        profiler.enable()
    report = validate(frame, loaded)
    found = int(report.results["times"].sum())
    profiler.disable()
    marks.append(time.perf_counter())
    steps = [
        f"{name} {end - start:.3f} s"
        for name, start, end in zip(("shapes", "file", "report"), marks, marks[1:], strict=False)
    ]
    print(f"datahub: {marks[-1] - marks[0]:.3f} s ({', '.join(steps)}), {found} results")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    if profiled:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(30)


def theirs(file: Path, shapes: list[Path]) -> None:
    """pySHACL, with our two components in SPARQL."""
    import pyshacl
    import rdflib

    graph = rdflib.Graph()
    for each in shapes:
        graph.parse(each)
    started = time.perf_counter()
    _, out, _ = pyshacl.validate(rdflib.Graph().parse(file), shacl_graph=graph, advanced=True)
    found = len(list(out.objects(None, rdflib.SH.result)))
    print(f"pySHACL: {time.perf_counter() - started:.1f} s, {found} results")


if __name__ == "__main__":
    main()
