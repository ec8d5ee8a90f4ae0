"""The laws of going both ways for formats that are RDF: DFC's JSON-LD, in both versions that it is written in."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.connectors import connector
from datahub.connectors.linked import Linked
from datahub.profiles.namespaces import expand
from datahub.rdf.frame import Column, Frame, FrameBuilder
from datahub.rdf.terms import IRI, RDF_TYPE, XSD, Term

DFC = connector("dfc")
BASE = "https://hub.example/records/dfc/"
some = settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
nodes = st.sampled_from(["a/1", "a/1#offer", "a/1#price", "b/é", "https://else.example/x", "https://else.example/x#y"])
literals = st.builds(
    Term.literal,
    st.sampled_from(["4.20", "4", "+4", "abc", "été\n", '"x"', "true", "2026-05-31", "1e3", " "]),
    st.sampled_from(
        [None, None, XSD + "decimal", XSD + "integer", XSD + "double", XSD + "boolean", XSD + "date", "http://ex.org/d"]
    ),
    st.sampled_from([None, None, None, "fr", "en-gb"]),
)
values = st.sampled_from(
    [expand("dfc-m:Kilogram"), expand("dfc-m:Euro"), "https://w3id.org/datahub/ns/units/botte", "http://ex.org/thing"]
).map(Term.iri)
properties = st.sampled_from(
    ["dfc-b:name", "dfc-b:description", "dfc-b:value", "dfc-b:stockLimitation", "dfc-b:frozen", "dfc-b:VATRate", "dfc-b:image",
     "dfc-b:sku", "dfc-b:hasUnit", "dfc-b:offers", "dfc-b:offeredThrough", "dfc-b:suppliedBy", "dfc-b:hasCity", "dfc-b:lists",
     "dhf:displayName", "dct:identifier", "ldp:contains", "schema:name"]
)  # fmt: skip
classes = st.sampled_from(
    ["dfc-b:SuppliedProduct", "dfc-b:Offer", "dfc-b:Enterprise", "dfc-b:Organization", "dfc-b:Price", "schema:Offer"]
)


@st.composite
def graphs(draw: st.DrawFn) -> Frame:
    """RDF of the food sector, with words of other vocabularies, wrong names and odd values."""
    builder = FrameBuilder()

    def add(subject: str, predicate: str, value: Term) -> None:
        name = subject if ":" in subject else BASE + subject
        builder.add(Column(IRI, pl.Series([name])), Term.iri(predicate), value)

    for subject in draw(st.lists(nodes, min_size=1, max_size=4, unique=True)):
        for name in draw(st.lists(classes, max_size=2, unique=True)):
            add(subject, RDF_TYPE, Term.iri(expand(name)))
        for name in draw(st.lists(properties, max_size=5)):
            links = nodes.map(lambda n: Term.iri(n if ":" in n else BASE + n))
            add(subject, expand(name), draw(literals | values | links))
    add("a/0", RDF_TYPE, Term.iri(expand("dfc-b:SuppliedProduct")))  # so that there is something to know the format by
    add("a/0", expand("dfc-b:name"), Term.literal("Navet"))
    return builder.build()


@pytest.mark.parametrize(
    "variant", [pipeline.variant.name for pipeline in DFC.pipelines.values() if isinstance(pipeline, Linked)]
)
def test_of_any_graph_the_loss_is_what_the_written_document_does_not_give_again(variant: str) -> None:
    @some
    @given(graphs())
    def law(frame: Frame) -> None:
        lowering = DFC.lower(frame, BASE, variant)
        loss = lowering.loss
        again = DFC.lift(lowering.data, BASE, lowering.filename)
        lines = set(frame.canonical_lines())
        missing = lines - set(again.frame.canonical_lines())
        assert loss.lost == len(missing), (sorted(missing), loss.table.select("field", "reason", "count").rows())
        assert loss.total == len(frame) == loss.expressed + loss.lost
        assert (loss.table["count"].sum() or 0) == loss.lost == (loss.records["lost"].sum() or 0)
        assert loss.fields.select("total", "lost", "restated").sum().row(0) == (loss.total, loss.lost, loss.restated)

    law()


@pytest.mark.parametrize("variant", ["1.16", "2.0"])
def test_what_was_read_once_is_read_again_as_it_was(variant: str) -> None:
    @some
    @given(graphs())
    def law(frame: Frame) -> None:
        first = DFC.lift(DFC.lower(frame, BASE, variant).data, BASE)
        lowering = DFC.lower(first.frame, BASE, variant)
        assert lowering.loss.lost == 0
        again = DFC.lift(lowering.data, BASE)
        assert again.frame.equals(first.frame)
        assert DFC.lower(again.frame, BASE, variant).data == lowering.data

    law()
