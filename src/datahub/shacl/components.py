"""The constraint components of SHACL Core (section 4) and our own two, one function each, over whole columns.

Each takes its constraint and a `Scope` and returns the rows (focus, value) that violate it.
"""

from __future__ import annotations

from functools import reduce

import polars as pl

from datahub.rdf.terms import BLANK, XSD, Term
from datahub.shacl import model as m
from datahub.shacl import queries, temporal
from datahub.shacl.data import CODE, PAIRS, codes, joinable, mask
from datahub.shacl.engine import Component, Scope
from datahub.shacl.ordering import holds


def class_(constraint: m.Class, scope: Scope) -> pl.DataFrame:
    """4.1.1: each value node is a SHACL instance of the class."""
    return scope.without(scope.data.members(constraint.iri).mask)


def datatype(constraint: m.Datatype, scope: Scope) -> pl.DataFrame:
    """4.1.2: each value node is a well-formed literal of the datatype."""
    return scope.without(scope.data.of_datatype(constraint.iri))


def node_kind(constraint: m.NodeKind, scope: Scope) -> pl.DataFrame:
    """4.1.3."""
    kinds = scope.data.kind.gather(scope.pairs["value"])
    return scope.pairs.filter(~_any([kinds == kind for kind in constraint.kinds]))


def min_count(constraint: m.MinCount, scope: Scope) -> pl.DataFrame:
    """4.2.1."""
    if constraint.count <= 0:
        return scope.pairs.clear()
    if constraint.count == 1:
        return scope.alone(scope.focus.codes.filter(~scope.having.gather(scope.focus.codes)))
    return scope.counted(scope.pairs, pl.col("n") < constraint.count)


def max_count(constraint: m.MaxCount, scope: Scope) -> pl.DataFrame:
    """4.2.2."""
    if constraint.count >= 1 and not scope.several:
        return scope.pairs.clear()
    return scope.counted(scope.pairs, pl.col("n") > constraint.count)


def bound(constraint: m.Bound, scope: Scope) -> pl.DataFrame:
    """4.3: what can't be compared with the limit violates it."""
    limit = scope.data.code(constraint.limit)
    right = pl.repeat(limit, len(scope.values), dtype=CODE, eager=True)
    return scope.bad_values(holds(scope.data.terms, scope.values.codes, right, constraint.operator))


def _strings(scope: Scope, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """SPARQL's str() of each value, and whether it has one: blank nodes have none."""
    return scope.data.lexical.gather(values), scope.data.kind.gather(values) != BLANK


def min_length(constraint: m.MinLength, scope: Scope) -> pl.DataFrame:
    """4.4.1."""
    strings, present = _strings(scope, scope.values.codes)
    return scope.bad_values(present & (strings.str.len_chars().cast(pl.Int64) >= constraint.length))


def max_length(constraint: m.MaxLength, scope: Scope) -> pl.DataFrame:
    """4.4.2."""
    strings, present = _strings(scope, scope.values.codes)
    return scope.bad_values(present & (strings.str.len_chars().cast(pl.Int64) <= constraint.length))


def pattern(constraint: m.Pattern, scope: Scope) -> pl.DataFrame:
    """4.4.3."""
    strings, present = _strings(scope, scope.values.codes)
    return scope.bad_values(present & constraint.matcher.found(strings))


def language_in(constraint: m.LanguageIn, scope: Scope) -> pl.DataFrame:
    """4.4.4: basic filtering (RFC 4647 section 3.3.1) of each value node's language."""
    tags = scope.data.language.gather(scope.values.codes).fill_null("")
    fits = [_in_range(tags, each) for each in constraint.ranges]
    return scope.bad_values(_any(fits) if fits else pl.repeat(False, len(tags), dtype=pl.Boolean, eager=True))


def _in_range(tags: pl.Series, language_range: str) -> pl.Series:
    if language_range == "*":
        return tags != ""
    return (tags == language_range) | tags.str.starts_with(language_range + "-")


def unique_lang(constraint: m.UniqueLang, scope: Scope) -> pl.DataFrame:
    """4.4.5: one result for each language that a focus node uses twice."""
    tagged = scope.pairs.with_columns(scope.data.language.gather(scope.pairs["value"]).alias("language"))
    counts = tagged.drop_nulls("language").group_by("focus", "language").len("n")
    return scope.alone(counts.filter(pl.col("n") > 1)["focus"])


def _others(constraint: m.PropertyPair, scope: Scope) -> pl.DataFrame:
    return scope.focus.keep(scope.data.pairs(constraint.predicate), "focus")


def equals(constraint: m.Equals, scope: Scope) -> pl.DataFrame:
    """4.5.1: a result for each value that only one of both sides has."""
    here, there, on = scope.pairs, _others(constraint, scope), ["focus", "value"]
    return pl.concat([here.join(there, on=on, how="anti"), there.join(here, on=on, how="anti")])


def disjoint(constraint: m.Disjoint, scope: Scope) -> pl.DataFrame:
    """4.5.2."""
    return scope.pairs.join(_others(constraint, scope), on=["focus", "value"], how="semi")


def less_than(constraint: m.LessThan | m.LessThanOrEquals, scope: Scope) -> pl.DataFrame:
    """4.5.3 and 4.5.4: one result for each pair of values that is not in the relation; those of one value node in one row."""
    sign = "<" if isinstance(constraint, m.LessThan) else "<="
    others = _others(constraint, scope)
    joinable(scope.data, scope.pairs["focus"], others["focus"])
    both = scope.pairs.join(others, on="focus", suffix="_other")
    distinct = both.select("value", "value_other").unique()
    ok = holds(scope.data.terms, distinct["value"], distinct["value_other"], sign)
    wrong = distinct.filter(~ok)
    found = both.join(wrong, on=["value", "value_other"], how="semi")
    return found.group_by("focus", "value").agg(pl.len().cast(pl.UInt32).alias("times"))


def not_(constraint: m.Not, scope: Scope) -> pl.DataFrame:
    """4.6.1."""
    return scope.without(scope.engine.failing(constraint.shape, scope.values).mask)


def _failing(shapes: tuple[Term, ...], scope: Scope) -> list[pl.Series]:
    """For each shape the mask of the value nodes that fail it."""
    return [scope.engine.failing(shape, scope.values).mask for shape in shapes]


def and_(constraint: m.And, scope: Scope) -> pl.DataFrame:
    """4.6.2."""
    failing = _failing(constraint.shapes, scope)
    return scope.without(~_any(failing)) if failing else scope.pairs.clear()


def or_(constraint: m.Or, scope: Scope) -> pl.DataFrame:
    """4.6.3."""
    failing = _failing(constraint.shapes, scope)
    return scope.without(_any([~each for each in failing])) if failing else scope.pairs


def xone(constraint: m.Xone, scope: Scope) -> pl.DataFrame:
    """4.6.4: exactly one of the list; a shape that is listed twice counts twice."""
    failing = _failing(constraint.shapes, scope)
    if not failing:
        return scope.pairs
    conforming = reduce(lambda one, two: one + two, [(~each).cast(pl.UInt16) for each in failing])
    return scope.without(conforming == 1)


def node(constraint: m.Node, scope: Scope) -> pl.DataFrame:
    """4.7.1."""
    return scope.without(~scope.engine.failing(constraint.shape, scope.values).mask)


def _qualified(constraint: m.Qualified, scope: Scope) -> pl.DataFrame:
    """4.7.3: the pairs whose value conforms to the qualified shape and to no sibling's."""
    good = ~scope.engine.failing(constraint.shape, scope.values).mask
    for failing in _failing(constraint.siblings, scope):
        good = good & failing
    return scope.pairs.filter(good.gather(scope.pairs["value"]))


def qualified_min(constraint: m.QualifiedMinCount, scope: Scope) -> pl.DataFrame:
    """4.7.3, sh:qualifiedMinCount."""
    return scope.counted(_qualified(constraint, scope), pl.col("n") < constraint.count)


def qualified_max(constraint: m.QualifiedMaxCount, scope: Scope) -> pl.DataFrame:
    """4.7.3, sh:qualifiedMaxCount."""
    return scope.counted(_qualified(constraint, scope), pl.col("n") > constraint.count)


def closed(constraint: m.Closed, scope: Scope) -> pl.DataFrame:
    """4.8.1: a result for each triple of a value node whose predicate is not allowed, with that predicate as its path."""
    allowed = {scope.data.code(Term.iri(iri)) for iri in constraint.allowed}
    found = [pl.DataFrame(schema={**PAIRS, "path": CODE})]
    for code, triples in scope.data.frame.by_predicate.items():
        if code in allowed:
            continue
        own = scope.values.keep(triples, "s").select(pl.col("s").alias("node"), pl.col("o").alias("value")).unique()
        if own.is_empty():
            continue
        focus = scope.pairs.rename({"value": "node"})
        found.append(own.join(focus, on="node").select("focus", "value", pl.lit(code, CODE).alias("path")))
    return pl.concat(found)


def has_value(constraint: m.HasValue, scope: Scope) -> pl.DataFrame:
    """4.8.2."""
    having = scope.pairs.filter(pl.col("value") == scope.data.code(constraint.value))["focus"]
    return scope.alone(scope.focus.codes.filter(~mask(having, scope.data.size).gather(scope.focus.codes)))


def in_(constraint: m.In, scope: Scope) -> pl.DataFrame:
    """4.8.3."""
    members = codes(code for value in constraint.values if (code := scope.data.code(value)) is not None)
    return scope.without(mask(members, scope.data.size))


def not_in_future(constraint: m.NotInFuture, scope: Scope) -> pl.DataFrame:
    """dh:notInFuture, as shapes/components.ttl declares it: a date counts from its midnight, a time without zone as UTC.

    Values that are neither are left to sh:datatype.
    """
    values = scope.values.codes
    now = int(scope.engine.now.timestamp() * temporal.MICRO)
    late = pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    for datatype in (XSD + "date", XSD + "dateTime", XSD + "dateTimeStamp"):
        at = scope.data.of_datatype(datatype).gather(values).arg_true()
        if len(at):
            text = scope.data.lexical.gather(values.gather(at))
            if datatype == XSD + "date":
                text = text.str.replace(temporal.ZONE + "$", "")
            late = late.scatter(at, temporal.parse(text, datatype)["instant"] > now)
    return scope.bad_values(~late)


def starts_with_value_of(constraint: m.StartsWithValueOf, scope: Scope) -> pl.DataFrame:
    """dh:startsWithValueOf: where the focus node has prefixes, each value node starts with one of them."""
    prefixes = scope.focus.keep(scope.data.pairs(constraint.predicate), "focus").rename({"value": "prefix"})
    joinable(scope.data, scope.pairs["focus"], prefixes["focus"])
    both = scope.pairs.join(prefixes, on="focus", maintain_order="left_right")
    lexical = scope.data.lexical
    table = both.with_columns(
        lexical.gather(both["value"]).alias("text"), lexical.gather(both["prefix"]).alias("start")
    )
    judged = table.group_by("focus", "value", maintain_order=True).agg(
        pl.col("text").str.starts_with(pl.col("start")).any().alias("ok")
    )
    return judged.filter(~pl.col("ok")).select("focus", "value")


def _any(masks: list[pl.Series]) -> pl.Series:
    return reduce(lambda one, two: one | two, masks)


COMPONENTS: dict[type, Component] = {
    m.Class: class_,
    m.Datatype: datatype,
    m.NodeKind: node_kind,
    m.MinCount: min_count,
    m.MaxCount: max_count,
    m.MinExclusive: bound,
    m.MinInclusive: bound,
    m.MaxExclusive: bound,
    m.MaxInclusive: bound,
    m.MinLength: min_length,
    m.MaxLength: max_length,
    m.Pattern: pattern,
    m.LanguageIn: language_in,
    m.UniqueLang: unique_lang,
    m.Equals: equals,
    m.Disjoint: disjoint,
    m.LessThan: less_than,
    m.LessThanOrEquals: less_than,
    m.Not: not_,
    m.And: and_,
    m.Or: or_,
    m.Xone: xone,
    m.Node: node,
    m.QualifiedMinCount: qualified_min,
    m.QualifiedMaxCount: qualified_max,
    m.Closed: closed,
    m.HasValue: has_value,
    m.In: in_,
    m.NotInFuture: not_in_future,
    m.StartsWithValueOf: starts_with_value_of,
    m.Sparql: queries.sparql,
    m.Custom: queries.custom,
}
"""How each constraint is evaluated; sh:property is the engine's own."""
