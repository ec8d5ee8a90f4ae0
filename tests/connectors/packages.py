"""Connector packages made up from parts: keys on columns that are not mapped, lookups that fail, joins, derived values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from datahub.connectors.connector import Connector
from datahub.connectors.definition import load
from datahub.rdf.columns import Column
from datahub.rdf.frame import Frame, FrameBuilder
from datahub.rdf.terms import IRI, RDF_TYPE, XSD, Term

EX = "http://ex.org/"
BASE = "https://hub.example/made/"
COLUMNS = ("a", "b", "c", "d", "e")
_HEAD = """
@prefix rml: <http://w3id.org/rml/> .
@prefix fn: <https://w3id.org/datahub/ns/fn/> .
@prefix dh: <https://w3id.org/datahub/ns/core/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://ex.org/> .
@base <https://w3id.org/datahub/connectors/made/> .
<#t> rml:source "t.csv" ; rml:referenceFormulation rml:CSV .
"""


def call(name: str, column: str, **constants: str) -> str:
    """The Turtle of a function call on a column."""
    inputs = "".join(f', [ rml:parameter fn:{key} ; rml:inputValue """{value}""" ]' for key, value in constants.items())
    return (
        f"rml:functionExecution [ rml:function fn:{name} ; rml:input "
        f'[ rml:parameter fn:value ; rml:inputValueMap [ rml:reference "{column}" ] ]{inputs} ] ; rml:return fn:out'
    )


columns = st.sampled_from(COLUMNS)
marks = st.sampled_from(["", "", "", "dh:writtenOnly true ; "])
severities = st.sampled_from(["violation", "warning"])


@st.composite
def object_maps(draw: st.DrawFn) -> str:
    """The inside of an object map: every construct that there is, those without inverse too."""
    column, other = draw(columns), draw(columns)
    severity = draw(severities)
    plain = f'rml:reference "{column}"'
    inside = draw(
        st.sampled_from(
            [
                plain,
                plain,
                f'{plain} ; rml:language "fr"',
                f'{plain} ; rml:languageMap [ rml:reference "{other}" ]',
                f'{plain} ; rml:datatypeMap [ rml:template "http://ex.org/type/{{{other}}}" ]',
                f"{plain} ; rml:datatype xsd:date",
                f"{plain} ; rml:termType rml:IRI",
                f'rml:template "things/{{{column}}}"',
                f'rml:template "{{{column}}} / {{{other}}}" ; rml:termType rml:Literal',
                'rml:constant "always"',
                call("decimalComma", column, severity=severity),
                call("boolean", column, true="1|oui", false="0|non", severity=severity),
                call("date", column, format="%d/%m/%Y", severity=severity),
                call("scale", column, factor="0.01", severity=severity),
                call("recode", column, pairs="1=one|x=two", severity=severity),
                call("recode", column, pairs="1=http://ex.org/1|0=http://ex.org/0", severity=severity)
                + " ; rml:termType rml:IRI",
                call("split", column, separator="|"),
                call("trim", column),
                call("upper", column),
                call("default", column, otherwise="none"),
                call("without", column, suffix=" kg"),
                call("prefix", column, prefix="no "),
            ]
        )
    )
    condition = draw(
        st.sampled_from(
            [
                "",
                "",
                "",
                call("notEmpty", other),
                call("empty", other),
                call("equal", other, other="1"),
                call("matches", column, pattern="^[a-z0-9]"),
            ]
        )
    )
    return inside + (f" ; rml:condition [ {condition} ]" if condition else "")


@dataclass(frozen=True)
class Package:
    """What a connector is made of: the Turtle of its mapping, its ``connector.yaml``, and the properties of each class."""

    turtle: str
    definition: dict[str, object]

    def written(self, folder: Path) -> Connector:
        """The package in ``folder``, loaded."""
        place = folder / "made"
        place.mkdir(exist_ok=True)
        (place / "mapping.ttl").write_text(self.turtle, "utf-8")
        (place / "connector.yaml").write_text(json.dumps(self.definition), "utf-8")
        return Connector(load(place))


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """A connector of one table: a record, a part of it, another record that it leads to, a link to another row."""
    subject = draw(st.sampled_from(["p/{_key}", "p/{_key}", "p/{a}", "p/{a}-{b}"]))
    part, farm = draw(st.booleans()), draw(st.sampled_from(["", "f/{c}", "slug"]))
    poms = [
        f"rml:predicateObjectMap [ {draw(marks)}rml:predicate ex:p{draw(st.integers(0, 3))} ; rml:objectMap [ {inside} ] ]"
        for inside in draw(st.lists(object_maps(), min_size=1, max_size=4))
    ]
    if part:
        poms.append("rml:predicateObjectMap [ rml:predicate ex:part ; rml:objectMap [ rml:parentTriplesMap <#part> ] ]")
    if farm:
        poms.append("rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ]")
    if draw(st.booleans()):
        poms.append(
            "rml:predicateObjectMap [ rml:predicate ex:above ; rml:objectMap [ rml:parentTriplesMap <#p> ; "
            'rml:joinCondition [ rml:child "d" ; rml:parent "a" ] ] ]'
        )
    maps = [_map("p", f'rml:template "{subject}" ; rml:class ex:P', poms, "dh:recordMap true ;")]
    if part:
        condition = draw(st.sampled_from(["", f" ; rml:condition [ {call('notEmpty', draw(columns))} ]"]))
        own = [
            f"rml:predicateObjectMap [ {draw(marks)}rml:predicate ex:p{draw(st.integers(0, 3))} ; "
            f"rml:objectMap [ {draw(object_maps())} ] ]"
        ]
        kind = draw(st.sampled_from(["", " ; rml:class ex:Part"]))
        maps.append(_map("part", f'rml:template "{subject}#part"{kind}{condition}', own))
    if farm:
        name = call("slug", "c", prefix="f/") if farm == "slug" else f'rml:template "{farm}"'
        own = ['rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "c" ] ]']
        maps.append(_map("farm", f"{name} ; rml:class ex:Farm", draw(st.sampled_from([own, []]))))
    keys: list[dict[str, object]] = [{"columns": draw(st.sampled_from([["a"], ["k"], ["a", "k"], ["a", "b"]]))}]
    if draw(st.booleans()):
        keys.append({"columns": ["b"], "also": ["c"], "made": True})
    variant: dict[str, object] = {
        "name": "made",
        "kind": "csv",
        "columns": {name: {} for name in (*COLUMNS, "k")},
        "identifier": {"keys": keys},
    }
    if draw(st.booleans()):
        variant["constants"] = {draw(columns): "1"}
    text = {"en": "made", "fr": "inventé"}
    definition = {
        "name": "made", "title": text, "description": text, "format": {"version": "1", "described": "https://ex.org/"},
        "profile": "food", "directions": ["in", "out"], "variants": [variant],
    }  # fmt: skip
    if draw(st.booleans()):
        definition["accepts"] = [{"class": "schema:Thing", "as": EX + "P", "properties": {EX + "p0": EX + "q"}}]
    return Package(_HEAD + "\n".join(maps), definition)


def _map(name: str, subject: str, poms: list[str], extra: str = "") -> str:
    return (
        f"<#{name}> {extra} rml:logicalSource <#t> ; rml:subjectMap [ {subject} ]"
        + "".join(f" ;\n  {pom}" for pom in poms)
        + " ."
    )


CELLS = st.sampled_from(
    ["1", "0", "2", "x", "oui", "a b", "4,20", "31/12/2026", "x|y|x", "12 kg", "fr", "é/ü", " 1 ", "http://ex.org/1"]
)
rows = st.lists(st.fixed_dictionaries(dict.fromkeys((*COLUMNS, "k"), st.none() | CELLS)), min_size=1, max_size=4)


def native(found: list[dict[str, str | None]]) -> bytes:
    """The rows as a CSV file."""
    return pl.DataFrame(found, schema=dict.fromkeys((*COLUMNS, "k"), pl.String)).write_csv().encode()


literals = st.builds(
    Term.literal,
    CELLS | st.sampled_from(["one", "true", "4.20", "2026-12-31", "no 1", "always", "NONE"]),
    st.sampled_from([None, None, XSD + "decimal", XSD + "boolean", XSD + "date", EX + "type/1"]),
    st.sampled_from([None, None, None, "fr", "en"]),
)
nodes = st.sampled_from(["p/1", "p/x", "p/1#part", "p/x#other", "f/x", "f/1", "http://else/1", "http://else/1#part"])


@st.composite
def graphs(draw: st.DrawFn) -> Frame:
    """RDF in the words of the packages, from anywhere: foreign addresses, several values, parts of other kinds."""
    builder = FrameBuilder()

    def add(subject: str, predicate: str, value: Term) -> None:
        name = subject if ":" in subject else BASE + subject
        builder.add(Column(IRI, pl.Series([name])), Term.iri(predicate), value)

    for subject in draw(st.lists(nodes, min_size=1, max_size=3, unique=True)):
        kind = draw(st.sampled_from([EX + "P", EX + "P", EX + "Farm", EX + "Part", "http://schema.org/Thing", None]))
        if kind:
            add(subject, RDF_TYPE, Term.iri(kind))
        for predicate in draw(st.lists(st.sampled_from(["p0", "p1", "p2", "p3", "name", "q"]), max_size=6)):
            add(subject, EX + predicate, draw(literals))
        for predicate in draw(st.lists(st.sampled_from(["part", "by", "above", "p1"]), max_size=3)):
            target = draw(nodes)
            add(subject, EX + predicate, Term.iri(target if ":" in target else BASE + target))
    return builder.build()
