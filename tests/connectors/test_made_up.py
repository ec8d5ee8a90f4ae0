"""The loss of any connector, made up from every construct of mappings, is what its own reader misses: no more, no less."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings

from datahub.connectors import Connector, Lowering
from datahub.errors import InputError
from datahub.mapping import Loss
from datahub.rdf.frame import Frame
from datahub.rdf.split import record_iris
from tests.connectors.packages import BASE, Package, graphs, native, packages, rows

some = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def lines(frame: Frame) -> set[str]:
    return set(frame.canonical_lines())


def records(found: set[str]) -> dict[str, str]:
    """The record that each line is about."""
    order = sorted(found)
    subjects = pl.Series([line[1:].partition(">")[0] for line in order], dtype=pl.String)
    return dict(zip(order, record_iris(subjects), strict=True))


def read(one: Connector, lowering: Lowering) -> set[str]:
    """What the connector's own reader makes of what it wrote."""
    try:
        return lines(one.lift(lowering.data, BASE, lowering.filename).frame)
    except InputError:
        return set()


def is_exact(loss: Loss, frame: Frame, again: set[str]) -> None:
    """The loss is what is missing: over all, by field, by record."""
    missing = lines(frame) - again
    shown = loss.table.select("field", "reason", "count").rows()
    assert loss.lost == len(missing), (sorted(missing), shown)
    assert (loss.table["count"].sum() or 0) == loss.lost
    assert loss.total == len(frame) == loss.expressed + loss.lost
    assert loss.fields.select("total", "lost", "restated").sum().row(0) == (loss.total, loss.lost, loss.restated)
    of = records(lines(frame))
    for record, lost, total in loss.records.iter_rows():
        own = {line for line, name in of.items() if name == record}
        assert (lost, total) == (len(own & missing), len(own))


@some
@given(packages(), graphs())
def test_of_any_graph_the_loss_is_what_the_written_file_does_not_give_again(package: Package, frame: Frame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = package.written(Path(folder))
        lowering = one.lower(frame, BASE)
        again = read(one, lowering)
        is_exact(lowering.loss, frame, again)
        if not lowering.loss.lost and not lowering.loss.added.height:
            assert again == lines(frame), "what is not in the loss is as it was, and nothing else is there"


@some
@given(packages(), rows)
def test_of_any_file_the_loss_is_what_writing_it_again_does_not_give(
    package: Package, found: list[dict[str, str | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = package.written(Path(folder))
        first = one.lift(native(found), BASE, "t.csv").frame
        lowering = one.lower(first, BASE)
        again = read(one, lowering)
        is_exact(lowering.loss, first, again)
        if not lowering.loss.lost and not lowering.loss.added.height and len(first):
            twice = one.lift(lowering.data, BASE, lowering.filename)
            assert one.lower(twice.frame, BASE).data == lowering.data, "what was written once stays as it is"
            assert again == lines(first)


def test_a_key_on_a_column_that_is_not_mapped_loses_the_whole_record_and_says_so(tmp_path: Path) -> None:
    turtle = (
        "@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://ex.org/> . <#t> rml:source 't.csv' ; "
        "rml:referenceFormulation rml:CSV . <#p> rml:logicalSource <#t> ; rml:subjectMap [ rml:template 'p/{_key}' ; "
        "rml:class ex:P ] ; rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference 'a' ] ] ."
    )
    text = {"en": "made", "fr": "inventé"}
    variant = {"name": "v", "kind": "csv", "columns": {"a": {}, "k": {}}, "identifier": {"keys": [{"columns": ["k"]}]}}
    definition = {
        "name": "made", "title": text, "description": text, "format": {"version": "1", "described": "https://ex.org/"},
        "profile": "food", "directions": ["in", "out"], "variants": [variant],
    }  # fmt: skip
    one = Package(turtle, definition).written(tmp_path)
    first = one.lift(b"a,k\nx,1\ny,2\n", BASE, "t.csv").frame
    loss = one.lower(first, BASE).loss
    assert (loss.lost, loss.total) == (4, 4)
    assert set(loss.table["reason"]) == {"incomplete"}
    assert loss.records["lost"].to_list() == [2, 2]
    assert isinstance(loss.table, pl.DataFrame)


def test_a_link_that_only_a_constant_of_the_format_makes_is_told_as_added(tmp_path: Path) -> None:
    turtle = (
        "@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://ex.org/> . <#t> rml:source 't.csv' ; "
        "rml:referenceFormulation rml:CSV . <#p> rml:logicalSource <#t> ; rml:subjectMap [ rml:template 'p/{_key}' ; "
        "rml:class ex:P ] ; rml:predicateObjectMap [ rml:predicate ex:above ; rml:objectMap [ "
        "rml:parentTriplesMap <#p> ; rml:joinCondition [ rml:child 'd' ; rml:parent 'a' ] ] ] ; "
        "rml:predicateObjectMap [ rml:predicate ex:a ; rml:objectMap [ rml:reference 'a' ] ] ."
    )
    text = {"en": "made", "fr": "inventé"}
    variant = {"name": "v", "kind": "csv", "columns": {"a": {}, "d": {}}, "identifier": {"keys": [{"columns": ["a"]}]},
               "constants": {"d": "1"}}  # fmt: skip
    definition = {
        "name": "made", "title": text, "description": text, "format": {"version": "1", "described": "https://ex.org/"},
        "profile": "food", "directions": ["in", "out"], "variants": [variant],
    }  # fmt: skip
    one = Package(turtle, definition).written(tmp_path)
    loss = one.lower(one.lift(b"a,d\n1,\n2,\n", BASE, "t.csv").frame, BASE).loss
    assert loss.lost == 0
    assert loss.added.select("field", "count").rows() == [("http://ex.org/above", 2)]
