"""Values that come some at a time are one column, whatever they are and however many come together."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datahub.rdf.terms import XSD, XSD_STRING
from datahub.sources import jsonpath
from datahub.sources.json_columns import Gathered

TEXTS: dict[object, tuple[str, str]] = {
    "x": ("x", XSD_STRING),
    1: ("1", XSD + "integer"),
    2**70: (str(2**70), XSD + "integer"),
    b"2.50": ("2.50", XSD + "double"),
    False: ("false", XSD + "boolean"),
}
"""Values as the parser gives them: their text and datatype. Others are empty cells."""

values = st.sampled_from([*TEXTS, None, "", (), ("inner",)])
"""A tuple stands for an object."""


@given(st.lists(st.lists(values, min_size=1, max_size=3), max_size=4), st.sampled_from([1, 300]))
def test_what_comes_some_at_a_time_is_one_column(chunks: list[list[object]], times: int) -> None:
    gathered = Gathered(jsonpath.parse("a"))
    for chunk in chunks:
        gathered.add([{"a": dict.fromkeys(v) if isinstance(v, tuple) else v} for v in chunk] * times, {})
    found = gathered.found()
    told = [value for chunk in chunks for value in chunk * times]
    known = [None if isinstance(v, tuple) else TEXTS.get(v) for v in told]
    assert found.column.to_list() == [None if each is None else each[0] for each in known]
    assert found.nested == [n for n, value in enumerate(told) if isinstance(value, tuple)]
    datatypes = {each[1] for each in known if each is not None}
    if datatypes <= {XSD_STRING}:
        assert found.datatype is None
    elif len(datatypes) == 1:
        assert found.datatype == datatypes.pop()
    else:
        assert isinstance(found.datatype, pl.Series)
        assert found.datatype.to_list() == [None if each is None else each[1] for each in known]


@given(st.lists(st.lists(st.lists(values, max_size=3), min_size=1, max_size=3), max_size=3), st.sampled_from([1, 300]))
def test_lists_stay_those_of_their_items(chunks: list[list[list[object]]], times: int) -> None:
    gathered = Gathered(jsonpath.parse("a[*]"))
    for chunk in chunks:
        items = [[dict.fromkeys(v) if isinstance(v, tuple) else v for v in values] for values in chunk]
        gathered.add([{"a": values} for values in items] * times, {})
    told = [values for chunk in chunks for values in chunk * times]
    known = [[TEXTS[v][0] for v in values if not isinstance(v, tuple) and v in TEXTS] for values in told]
    assert gathered.found().column.to_list() == [texts or None for texts in known]
