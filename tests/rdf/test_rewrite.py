"""Namespaces in several spellings become one."""

import polars as pl

from datahub.rdf.formats import parse
from datahub.rdf.rewrite import rewrite, with_terms

DATA = b"""@prefix old: <http://static.example/o.owl#> . @prefix older: <http://static.example/o.owl#deep/> .
@prefix new: <http://new/> .
old:a new:p old:b , "x"^^old:type , "old http://static.example/o.owl#" . new:a new:p new:b . older:c new:p 1 .
"""
NAMESPACES = {"http://static.example/o.owl#": "http://new/", "http://static.example/o.owl#deep/": "http://deep/"}


def test_iris_and_datatypes_are_rewritten_texts_are_not_and_equal_triples_meet() -> None:
    frame, changed = rewrite(parse(DATA, "ttl"), NAMESPACES)
    assert frame.canonical_lines().to_list() == [
        '<http://deep/c> <http://new/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
        '<http://new/a> <http://new/p> "old http://static.example/o.owl#" .\n',
        '<http://new/a> <http://new/p> "x"^^<http://new/type> .\n',
        "<http://new/a> <http://new/p> <http://new/b> .\n",
    ]
    assert changed == 4
    assert frame.terms.unique().height == frame.terms.height


def test_nothing_to_rewrite_leaves_the_frame_as_it_is() -> None:
    frame = parse(DATA, "ttl")
    assert rewrite(frame, {}).frame is frame
    assert rewrite(frame, {"http://absent/": "http://x/"}).frame is frame


def test_terms_that_become_equal_are_one() -> None:
    frame = parse(b"<http://a> <http://p> <http://b> . <http://b> <http://p> <http://a> .", "ttl")
    one = with_terms(frame, frame.terms.with_columns(lexical=pl.lit("http://same")))
    assert one.lines().to_list() == ["<http://same> <http://same> <http://same> .\n"]
