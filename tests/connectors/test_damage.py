"""Damaged files: whatever happens to a sample on its way, there is a lift or a clear error, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.connectors import Connector, Lift, connectors, explain
from datahub.errors import InputError
from datahub.profiles import shapes_files
from datahub.shacl import Shapes, load, validate

BASE = "https://hub.example/r/"
ALL = connectors()
SAMPLES = [pytest.param(one, one.samples[-1], id=f"{one.name}/{one.samples[-1].name}") for one in ALL]


@cache
def shapes(profile: str) -> Shapes:
    return load(list(shapes_files(profile)))


def attempt(one: Connector, data: bytes) -> Lift | None:
    try:
        return one.lift(data, BASE)
    except InputError as error:
        told = error
    assert told.message.fr != told.message.en
    return None


damage = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1)),
    st.tuples(st.just("flip"), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8)),
    st.tuples(st.just("insert"), st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12))),
    st.tuples(st.just("double"), st.floats(0, 0.9)),
    st.tuples(st.just("latin"), st.just(None)),
)


def damaged(data: bytes, kind: str, how: object) -> bytes:
    if kind == "cut":
        return data[: int(len(data) * how)]  # type: ignore[operator, call-overload]
    if kind == "flip":
        out = bytearray(data)
        for at, byte in how:  # type: ignore[attr-defined]
            out[int(at * len(data))] = byte
        return bytes(out)
    if kind == "insert":
        at, piece = how  # type: ignore[misc]
        cut = int(len(data) * at)
        return data[:cut] + piece + data[cut:]
    if kind == "double":
        return data + data[int(len(data) * how) :]  # type: ignore[operator, call-overload]
    return data.decode("utf-8", "replace").encode("cp1252", "replace")


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
@settings(max_examples=12)
@given(what=damage)
def test_a_damaged_file_is_lifted_or_refused_in_words(one: Connector, sample: Path, what: tuple[str, object]) -> None:
    lift = attempt(one, damaged(sample.read_bytes(), *what))
    if lift is not None:
        assert set(lift.findings["severity"]) <= {"violation", "warning", "info"}
        assert lift.findings["message_fr"].null_count() == 0
        told = lift.findings.filter(pl.col("severity") == "violation")["row"].drop_nulls()
        assert set(told) == set(lift.refused)


@pytest.mark.parametrize("one", [one for one in ALL if one.samples[0].suffix == ".csv"], ids=lambda one: one.name)
@settings(max_examples=8)
@given(
    cells=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=46, max_size=46
        ),
        max_size=6,
    )
)
def test_any_text_in_any_cell_is_taken_or_told(one: Connector, cells: list[list[str]]) -> None:
    import csv
    import io

    variant = one.definition.variants[0]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=variant.dialect.delimiters[0], quoting=csv.QUOTE_ALL)
    writer.writerow(variant.names)
    writer.writerows(row[: len(variant.names)] for row in cells)
    lift = attempt(one, out.getvalue().encode())
    if lift is None:
        return
    report = validate(lift.frame, shapes(one.profile))
    found = explain(report, lift.frame, one, lift)
    assert found["message_fr"].null_count() == 0
    subjects = lift.frame.terms["lexical"].gather(lift.frame.triples["s"])
    assert not subjects.str.contains(r"[\x00-\x20<>\"{}|\\^`]").any(), "every record has a valid address"
    if "out" in one.directions and len(lift.frame):
        lowering = one.lower(lift.frame, BASE)
        assert lowering.loss.expressed + lowering.loss.lost == len(lift.frame)
