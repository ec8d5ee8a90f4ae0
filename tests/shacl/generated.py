"""Shapes and data made up by hypothesis: every component and path of SHACL Core, and SPARQL constraints and components."""

from __future__ import annotations

from hypothesis import strategies as st

NODES = [f"ex:n{i}" for i in range(5)] + ["_:b0", "_:b1"]
CLASSES = ["ex:A", "ex:B", "ex:C"]
PREDICATES = ["ex:p", "ex:q", "ex:r"]
NUMBERS = ["1", "2", "10", "1.5", "2.0", "-3"]
TEXTS = ["'a'", "'ab'", "'Abc'", "'a'@en", "'b'@en", "'a'@fr", "'c'@fr-be"]
TYPED = [
    "true",
    "'x'^^xsd:integer",
    "'1.5'^^xsd:integer",
    "'2026-13-01'^^xsd:date",
    "'2026-01-31'^^xsd:date",
    "'2026-01-31T10:00:00+00:00'^^xsd:dateTime",
    "'a'^^ex:own",
]
"""Booleans, dates, and literals that are not what they say."""

data_nodes = st.sampled_from(NODES)
named = st.sampled_from(NODES[:5])
predicates = st.sampled_from(PREDICATES)
constants = st.sampled_from(NODES[:5] + NUMBERS + TEXTS + TYPED)
"""What a shape can name: a blank node of the data is not one of the shapes graph."""
targets = st.sampled_from(NODES[:5] + NUMBERS + TEXTS)
numbers = st.sampled_from(NUMBERS)
classes = st.sampled_from(CLASSES)


def joined(strategy: st.SearchStrategy[str], least: int = 1, most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(strategy, min_size=least, max_size=most).map(" ".join)


@st.composite
def data_graphs(draw: st.DrawFn, literals: list[str]) -> str:
    """Some nodes with classes and values, among them ``literals``; ex:low and ex:high hold numbers only."""
    values = st.sampled_from(NODES + literals)
    lines = draw(st.lists(st.sampled_from(HIERARCHY), max_size=2))
    for node in NODES:
        for cls in draw(st.lists(classes, max_size=2)):
            lines.append(f"{node} a {cls} .")
        for _ in range(draw(st.integers(0, 5))):
            lines.append(f"{node} {draw(predicates)} {draw(values)} .")
        for _ in range(draw(st.integers(0, 2))):
            lines.append(f"{node} {draw(st.sampled_from(['ex:low', 'ex:high']))} {draw(numbers)} .")
    return "\n".join(lines)


HIERARCHY = ["ex:A rdfs:subClassOf ex:B .", "ex:B rdfs:subClassOf ex:C .", "ex:C rdfs:subClassOf ex:A ."]

paths = st.recursive(
    predicates,
    lambda inner: st.one_of(
        predicates.map("[ sh:inversePath {} ]".format),  # of a sequence, pySHACL takes the steps in the wrong order
        st.tuples(predicates, predicates).map("[ sh:inversePath [ sh:alternativePath ( {0[0]} {0[1]} ) ] ]".format),
        st.tuples(inner, inner).map(lambda ps: f"( {ps[0]} {ps[1]} )"),
        st.tuples(inner, inner).map(lambda ps: f"[ sh:alternativePath ( {ps[0]} {ps[1]} ) ]"),
        st.tuples(st.sampled_from(["zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]), inner).map(
            lambda pair: f"[ sh:{pair[0]} {pair[1]} ]"
        ),
    ),
    max_leaves=3,
)

KINDS = ["IRI", "Literal", "BlankNode", "BlankNodeOrIRI", "IRIOrLiteral", "BlankNodeOrLiteral"]
BOUNDS = ["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]
DATATYPES = [
    "ex:own",
    "rdf:langString",
    *map("xsd:{}".format, ("integer", "decimal", "string", "boolean", "date", "dateTime")),
]

bounds = st.tuples(st.sampled_from(BOUNDS), st.sampled_from(["1", "2", "1.5"])).map("sh:{0[0]} {0[1]}".format)
for_values = st.one_of(
    classes.map("sh:class {}".format),
    st.sampled_from(DATATYPES).map("sh:datatype {}".format),
    st.sampled_from(KINDS).map("sh:nodeKind sh:{}".format),
    st.integers(1, 3).map("sh:minLength {}".format),
    st.integers(0, 3).map("sh:maxLength {}".format),
    st.sampled_from(["'^a'", "'b$'", "'[0-9]+'", "'^A' ; sh:flags 'i'"]).map("sh:pattern {}".format),
    st.sampled_from(["'en'", "'fr'", "'en' 'fr-BE'", "'*'"]).map("sh:languageIn ( {} )".format),
    constants.map("sh:hasValue {}".format),
    joined(constants, 0).map("sh:in ( {} )".format),
    predicates.map("sh:equals {}".format),
    predicates.map("sh:disjoint {}".format),
)
for_properties = st.one_of(
    st.integers(0, 3).map("sh:minCount {}".format),
    st.integers(0, 3).map("sh:maxCount {}".format),
    st.just("sh:uniqueLang true"),
)
SELECTS = [
    "SELECT $this ?value WHERE { $this ex:p ?value FILTER (isLiteral(?value)) }",
    "SELECT DISTINCT $this WHERE { $this ex:q ?x . FILTER NOT EXISTS { $this ex:p ?x } }",
    "SELECT DISTINCT $this ?value WHERE { { $this ex:q ?value } UNION { $this ex:r ?value } FILTER (lang(?value) = 'en') }",
    "SELECT DISTINCT $this (?other AS ?value) WHERE { ?other ex:p $this . OPTIONAL { ?other ex:q ?q } FILTER (!bound(?q)) }",
    "SELECT $this ?path ?value WHERE { $this ?path ?value . FILTER (?path IN (ex:p, ex:r) && isLiteral(?value)) }",
]
ON_PATHS = ["SELECT $this ?value WHERE { $this $PATH ?value . FILTER (isIRI(?value)) }"]
PREFIXES = "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ."
COMPONENTS = """
ex:ShorterThan a sh:ConstraintComponent ; sh:parameter [ sh:path ex:shorterThan ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER (strlen(str($value)) < $shorterThan) }" ] .
ex:Named a sh:ConstraintComponent ; sh:parameter [ sh:path ex:named ] ;
  sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:select "SELECT $this WHERE { FILTER NOT EXISTS { $this $named ?any } }" ] ;
  sh:propertyValidator [ a sh:SPARQLSelectValidator ;
    sh:select "SELECT $this ?value WHERE { $this $PATH ?value . FILTER NOT EXISTS { ?value $named ?any } }" ] .
"""
shorter = st.sampled_from([0, 1, 4]).map("ex:shorterThan {}".format)
custom = st.one_of(shorter, predicates.map("ex:named {}".format))
remarks = st.sampled_from(
    [
        "sh:severity sh:Warning",
        "sh:severity sh:Info",
        "sh:severity ex:Grave",
        "sh:message 'No'@en",
        "sh:message 'No'@en, 'Non'@fr",
        "sh:message 'Nein'",
        "sh:deactivated false",
    ]
)
SINGLE = ("datatype", "nodeKind", "minLength", "maxLength", "pattern", "languageIn", "in ", "uniqueLang", "minCount", "maxCount",
          "severity", "message", "deactivated", *BOUNDS)  # fmt: skip


def without_repeats(parts: list[str]) -> list[str]:
    """A shape may have most parameters only once."""
    kept: dict[str, str] = {}
    for part in parts:
        name = next((single for single in SINGLE if part.startswith(f"sh:{single}")), part)
        kept.setdefault(name.split(" ")[0] if name.startswith("ex:") else name, part)
    return list(kept.values())


def query(text: str, message: bool) -> str:
    said = " ; sh:message 'Because of {?value}'@en, 'À cause de {?value}'@fr" if message else ""
    return f'sh:sparql [ a sh:SPARQLConstraint ; sh:prefixes ex: ; sh:select "{text}"{said} ]'


@st.composite
def shapes_graphs(draw: st.DrawFn, ordered: bool) -> str:
    """Node shapes with property shapes; each may refer to those before it, so that none is recursive. ``ordered``: with bounds."""
    of_values = st.one_of(for_values, bounds) if ordered else for_values
    lines: list[str] = [PREFIXES, COMPONENTS]
    node_shapes: list[str] = []
    property_shapes: list[str] = []

    def seldom(one_in: int) -> bool:
        return draw(st.integers(1, one_in)) == 1

    def logical() -> str:
        one = st.sampled_from(node_shapes + property_shapes)
        listed = joined(one, 1, 2)
        return draw(
            st.one_of(
                st.sampled_from(node_shapes).map("sh:node {}".format),
                one.map("sh:not {}".format),
                listed.map("sh:and ( {} )".format),
                listed.map("sh:or ( {} )".format),
                listed.map("sh:xone ( {} )".format),
            )
        )

    def qualified() -> list[str]:
        least, most = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        disjoint = " ; sh:qualifiedValueShapesDisjoint true" if draw(st.booleans()) else ""
        return [
            f"sh:qualifiedValueShape {draw(st.sampled_from(node_shapes))}{disjoint}",
            f"sh:qualifiedMinCount {least} ; sh:qualifiedMaxCount {most}",
        ]

    def shared(body: list[str], path: str = "ex:p") -> list[str]:
        if node_shapes and seldom(2):
            body.append(logical())
        if seldom(4):
            # pySHACL can't spell every path in a query; ours finds no path of no steps from a literal (SPARQL 1.1 section 18.4).
            body.append(draw(custom if path in PREDICATES else shorter))
        if seldom(3):
            body += draw(st.lists(remarks, max_size=2))
        if seldom(12):
            body.append("sh:deactivated true")
        return without_repeats(body)

    for number in range(draw(st.integers(1, 4))):
        own: list[str] = []
        for position in range(draw(st.integers(0, 3))):
            name = f"ex:P{number}{position}"
            body = draw(st.lists(st.one_of(of_values, for_properties), min_size=1, max_size=3))
            if node_shapes and seldom(3):
                body += qualified()
            if property_shapes and seldom(4):
                body.append(f"sh:property {draw(st.sampled_from(property_shapes))}")
            path = draw(paths)
            if seldom(4):
                path = "ex:low"
                body.append(f"sh:{draw(st.sampled_from(['lessThan', 'lessThanOrEquals']))} ex:high")
            if seldom(5):
                asked = SELECTS + (ON_PATHS if path in PREDICATES else [])
                body.append(query(draw(st.sampled_from(asked)), draw(st.booleans())))
            lines.append(f"{name} a sh:PropertyShape ; sh:path {path} ; {' ; '.join(shared(body, path))} .")
            own.append(name)
        body = draw(st.lists(of_values, max_size=2)) + [f"sh:property {name}" for name in own]
        if seldom(5):
            body.append(
                f"sh:closed true ; sh:ignoredProperties ( {draw(joined(st.sampled_from(['rdf:type', 'ex:p', 'ex:low']), 0, 2))} )"
            )
        if seldom(5):
            body.append(query(draw(st.sampled_from(SELECTS)), draw(st.booleans())))
        name = f"ex:S{number}"
        if seldom(8):
            name = draw(classes)
            lines.append(f"{name} a rdfs:Class .")
        selected = draw(
            st.lists(
                st.one_of(
                    classes.map("sh:targetClass {}".format),
                    targets.map("sh:targetNode {}".format),
                    predicates.map("sh:targetSubjectsOf {}".format),
                    predicates.map("sh:targetObjectsOf {}".format),
                ),
                min_size=1,
                max_size=2,
                unique=True,
            )
        )
        if name in node_shapes:
            continue
        lines.append(f"{name} a sh:NodeShape ; {' ; '.join([*selected, *shared(body)])} .")
        node_shapes.append(name)
        property_shapes += own
    return "\n".join(lines)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Data and shapes. pySHACL orders booleans, dates and ill-typed literals among numbers: either they or bounds are there."""
    ordered = draw(st.booleans())
    return draw(data_graphs(NUMBERS + TEXTS if ordered else NUMBERS + TEXTS + TYPED)), draw(shapes_graphs(ordered))
