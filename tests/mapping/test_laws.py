"""The laws of lifting and lowering, on generated tables and graphs."""

from types import SimpleNamespace as Kit

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.mapping import lower, parse
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import BLANK, IRI, RDF_TYPE, XSD, Term

EX = "http://ex.org/"
texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=6)
maybe = st.none() | texts
rows = st.lists(
    st.fixed_dictionaries(
        {
            "sku": texts,
            "name": maybe,
            "anglais": maybe,
            "unit": st.sampled_from(["kg", "l", None]),
            "price": st.none() | st.from_regex(r"-?[0-9]{1,4}(,[0-9]{1,3})?", fullmatch=True),
            "bio": st.sampled_from(["oui", "non", None]),
            "day": st.none() | st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}"),
            "tags": st.none() | st.lists(st.sampled_from("abc"), min_size=1, unique=True).map("|".join),
            "farm": maybe,
        }
    ),
    unique_by=lambda row: row["sku"],
    max_size=6,
)


def mapping(kit: Kit) -> str:
    """Every kind of column that can be read back."""
    return (
        kit.triples_map(
            "product",
            "p/{sku}",
            kit.pom("ex:name", 'rml:reference "name" ; rml:language "fr"'),
            kit.pom("ex:name", 'rml:reference "anglais" ; rml:language "en"'),
            kit.pom("ex:tag", kit.call("split", "tags", separator="|")),
            kit.pom("ex:bio", kit.call("boolean", "bio", true="oui", false="non")),
            kit.pom("ex:day", kit.call("date", "day", format="%d/%m/%Y")),
            kit.pom("ex:item", "rml:parentTriplesMap <#item>"),
            kit.pom("ex:by", "rml:parentTriplesMap <#farm>"),
            cls="ex:Product",
            extra="dh:recordMap true ;",
        )
        + kit.triples_map(
            "item",
            "p/{sku}#item",
            kit.pom(
                "ex:unit",
                kit.call("recode", "unit", pairs="kg=http://ex.org/kg|l=http://ex.org/l") + " ; rml:termType rml:IRI",
            ),
            kit.pom("ex:price", kit.call("decimalComma", "price")),
            kit.pom("ex:of", "rml:parentTriplesMap <#product>"),
            cls="ex:Item",
        )
        + kit.triples_map("farm", "f/{farm}", kit.pom("ex:name", 'rml:reference "farm"'), cls="ex:Farm")
    )


def table(generated: list[dict[str, str | None]]) -> dict[str, list[str | None]]:
    return {name: [row[name] for row in generated] for name in generated[0]}


@settings(deadline=None, max_examples=30)
@given(rows.filter(bool))
def test_lowering_what_was_lifted_gives_the_table_back_without_loss(
    kit: Kit, generated: list[dict[str, str | None]]
) -> None:
    native = table(generated)
    first = kit.lifted(mapping(kit), **native)
    assert first.findings.height == 0
    result = kit.lowered(mapping(kit), first.frame)
    assert result.tables["t.csv"].select(list(native)).to_dict(as_series=False) == native
    assert result.loss.lost == 0
    again = kit.lifted(mapping(kit), **result.tables["t.csv"].to_dict(as_series=False))
    assert kit.lines(again.frame) == kit.lines(first.frame)


untidy = st.sampled_from(
    ["1 000,5", "4.20", " 3 ", "x", "OUI", "kg", "31/02/2026", "2026-01-01", "a||b| ", None, "é/b"]
)
untidy_rows = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys(["sku", "name", "anglais", "unit", "price", "bio", "day", "tags", "farm"], untidy)
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=50)
@given(untidy_rows.filter(bool))
def test_lifting_lowering_lifting_is_lifting_on_any_table(kit: Kit, generated: list[dict[str, str | None]]) -> None:
    first = kit.lifted(mapping(kit), **table(generated)).frame
    result = kit.lowered(mapping(kit), first)
    again = kit.lifted(mapping(kit), **result.tables["t.csv"].to_dict(as_series=False)).frame
    missing = kit.lines(first) - kit.lines(again)
    assert len(missing) <= result.loss.lost
    if result.loss.lost == 0:
        assert kit.lines(again) == kit.lines(first)


nodes = st.sampled_from(["p/1", "p/2", "p/1#item", "p/1#other", "f/x", "http://else/1"])
predicates = st.sampled_from(["name", "tag", "bio", "day", "item", "by", "unit", "price", "of", "colour"])
literals = st.builds(
    Term.literal,
    st.sampled_from(["a", "b", "true", "1", "4.20", "2026-01-01", "x|y"]),
    st.sampled_from([None, XSD + "decimal", XSD + "boolean", XSD + "date"]),
    st.sampled_from([None, None, "fr", "en", "de"]),
)
objects = (
    literals | nodes.map(lambda n: Term.iri(n if ":" in n else "http://hub/d/" + n)) | st.just(Term.iri(EX + "kg"))
)
triples = st.lists(st.tuples(nodes | st.just("_:b"), predicates, objects | st.just(Term(BLANK, "b"))), max_size=14)
classes = st.dictionaries(nodes, st.sampled_from(["Product", "Item", "Farm", "Thing"]), max_size=5)


def frame_of(found: list[tuple[str, str, Term]], kinds: dict[str, str]) -> Frame:
    builder = FrameBuilder()

    def add(subject: str, predicate: str, value: Term) -> None:
        blank = subject.startswith("_:")
        name = subject[2:] if blank else subject if ":" in subject else "http://hub/d/" + subject
        builder.add(Column(BLANK if blank else IRI, pl.Series([name])), Term.iri(predicate), value)

    for subject, predicate, value in found:
        add(subject, EX + predicate, value)
    for subject, kind in kinds.items():
        add(subject, RDF_TYPE, Term.iri(EX + kind))
    return builder.build()


def read_again(kit: Kit, turtle: str, table: pl.DataFrame) -> set[str]:
    """The triples that the written table gives."""
    return kit.lines(kit.lifted(turtle, **table.to_dict(as_series=False)).frame) if table.height else set()


@settings(deadline=None, max_examples=50)
@given(triples, classes)
def test_expressed_and_lost_add_up_and_loss_is_what_does_not_come_out_again(
    kit: Kit, found: list[tuple[str, str, Term]], kinds: dict[str, str]
) -> None:
    frame = frame_of(found, kinds)
    result = lower(parse(kit.PREFIXES + mapping(kit)), frame, kit.BASE)
    loss = result.loss
    assert loss.expressed + loss.lost == loss.total == len(frame)
    assert (loss.table["count"].sum() or 0) == loss.lost
    assert loss.fields.select("total", "lost", "restated").sum().row(0) == (loss.total, loss.lost, loss.restated)
    assert loss.records.select("total", "lost").sum().row(0) == (loss.total, loss.lost)
    assert loss.table["reason"].null_count() == 0
    gone = kit.lines(frame) - read_again(kit, mapping(kit), result.tables["t.csv"])
    named = {line for line in gone if "_:" not in line}
    anonymous = len(gone) - len(named)  # a blank node that got a name is not lost
    assert len(named) <= loss.lost <= len(named) + anonymous


values = st.lists(
    st.tuples(st.sampled_from(["name", "tag", "bio", "day", "unit", "price", "colour"]), literals), max_size=8
)


@settings(deadline=None, max_examples=50)
@given(values, values, st.booleans())
def test_what_only_has_another_address_is_told_from_what_is_gone(
    kit: Kit, of_product: list[tuple[str, Term]], of_item: list[tuple[str, Term]], linked: bool
) -> None:
    """On one record with foreign IRIs: the nodes of both graphs are matched by their place."""
    turtle = mapping(kit) + kit.triples_map("key", "p/{sku}", kit.pom("ex:sku", 'rml:reference "sku"'))
    product, item = "http://else/x", "http://else/x#thing"
    found = [(product, EX + p, o) for p, o in of_product] + [(item, EX + p, o) for p, o in of_item]
    found += [(product, RDF_TYPE, Term.iri(EX + "Product")), (product, EX + "sku", Term.literal("1"))]
    found += [(product, EX + "item", Term.iri(item))] if linked else []
    builder = FrameBuilder()
    for subject, predicate, value in found:
        builder.add(Column(IRI, pl.Series([subject])), Term.iri(predicate), value)
    frame = builder.build()
    result = kit.lowered(turtle, frame)
    again = kit.lifted(turtle, **result.tables["t.csv"].to_dict(as_series=False)).frame
    gone = kit.lines(frame) - kit.lines(again)
    assert result.loss.lost == len(gone) == len(frame), "all of it stands under another address now"
    back = {line.replace("<p/1>", f"<{product}>").replace("<p/1#item>", f"<{item}>") for line in kit.lines(again)}
    assert result.loss.restated == len(kit.lines(frame) & back), "and this is there all the same"
