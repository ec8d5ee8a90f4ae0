"""Sentences for results whose shape has no sh:message in the reader's language, in English and French."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datahub.i18n import LANGS, Text
from datahub.rdf.terms import BLANK, IRI, LITERAL, XSD, Term, curie
from datahub.shacl import model as m
from datahub.shacl.advice import advice
from datahub.shacl.paths import Inverse, Path, Predicate, Sequence, text

KINDS = {
    frozenset({IRI}): Text("must be a link (IRI)", "doit être un lien (IRI)"),
    frozenset({BLANK}): Text("must be a blank node", "doit être un nœud anonyme"),
    frozenset({LITERAL}): Text("must be a plain value, not a link", "doit être une valeur simple, pas un lien"),
    frozenset({BLANK, IRI}): Text(
        "must be a resource, not a plain value", "doit être une ressource, pas une valeur simple"
    ),
    frozenset({BLANK, LITERAL}): Text("must not be a link (IRI)", "ne doit pas être un lien (IRI)"),
    frozenset({IRI, LITERAL}): Text("must be a link or a plain value", "doit être un lien ou une valeur simple"),
}
TYPES = {
    XSD + "string": Text("a text", "un texte"),
    XSD + "decimal": Text("a number, such as 12.5", "un nombre, par exemple 12.5"),
    XSD + "integer": Text("a whole number", "un nombre entier"),
    XSD + "boolean": Text("true or false", "true ou false (vrai ou faux)"),
    XSD + "date": Text("a date, such as 2026-04-30", "une date, par exemple 2026-04-30"),
    XSD + "dateTime": Text(
        "a date and time, such as 2026-04-30T18:00:00Z", "une date et heure, par exemple 2026-04-30T18:00:00Z"
    ),
    XSD + "anyURI": Text("a web address", "une adresse web"),
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString": Text(
        "a text with its language", "un texte avec sa langue"
    ),
}
LONGEST = 80
"""Characters of a value that a sentence repeats."""
LISTED = 12
"""How many of the values of sh:in, or of the shapes of sh:or, a sentence names."""

PHRASE = 1000
"""Characters of what a nested shape asks for."""

Sentence = Callable[[Any, m.Shapes], Text]


def message(shape: m.Shape, constraint: m.Constraint, shapes: m.Shapes) -> Text:
    """What the user reads: the shape's sh:message in each language where it has one, else a generated sentence."""
    own = _by_language(told(shape, constraint))
    if "" in own or own.keys() >= set(LANGS):  # a vocabulary is read for sentences only that are needed
        return Text(own.get("en", own.get("", "")), own.get("fr", own.get("", "")))
    made = generated(shape, constraint, shapes)
    return Text(own.get("en", made.en), own.get("fr", made.fr))


def told(shape: m.Shape, constraint: m.Constraint) -> tuple[tuple[str, str], ...]:
    """The sentences that the shapes graph gives for a constraint: those of its query or component, else those of the shape."""
    own = constraint.messages if isinstance(constraint, m.Sparql | m.Custom) else ()
    return own or shape.messages


def fix(shape: m.Shape, constraint: m.Constraint) -> Text:
    """What to do: the shape's dh:fix in each language where it has one, else advice by the kind of constraint."""
    own = _by_language(shape.fixes)
    made = advice(constraint)
    en, fr = (own.get(lang, own.get("", made.to(lang))) for lang in LANGS)
    return Text(en, fr)


def generated(shape: m.Shape, constraint: m.Constraint, shapes: m.Shapes) -> Text:
    """A sentence that says what the constraint asks for, with the name of the field."""
    label = subject(shape, shapes)
    said = SENTENCES[type(constraint)](constraint, shapes)
    return Text(f"{label.en}: {said.en}.", f"{label.fr} : {said.fr}.")


def subject(shape: m.Shape, shapes: m.Shapes) -> Text:
    """What the sentence is about: sh:name or rdfs:label, else what the property is called, else the path, else the record."""
    if shape.name is not None:
        return shape.name
    if shape.path is None:
        return Text("The record", "La fiche")
    return _called(shape.path.iri, shapes) if isinstance(shape.path, Predicate) else _way(shape.path, shapes)


def _called(iri: str, shapes: m.Shapes) -> Text:
    """The label of a term in the vocabulary or the shapes graph, else its compact IRI."""
    known = shapes.label(iri)
    return known if known is not None else Text(curie(iri), curie(iri))


def _way(path: Path, shapes: m.Shapes) -> Text:
    """A path in words where its steps follow each other and have labels, else as SPARQL writes it."""
    if isinstance(path, Sequence) and all(isinstance(step, Predicate) for step in path.steps):
        steps = [_called(step.iri, shapes) for step in path.steps if isinstance(step, Predicate)]
        return Text(" → ".join(each.en for each in steps), " → ".join(each.fr for each in steps))
    if isinstance(path, Inverse) and isinstance(path.path, Predicate):
        step = _called(path.path.iri, shapes)
        return Text(f"what has it as “{step.en}”", f"ce qui l'a pour « {step.fr} »")
    return Text(text(path), text(path))


def _by_language(sentences: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The first sentence of each primary language."""
    found: dict[str, str] = {}
    for language, sentence in sentences:
        found.setdefault(language.split("-")[0], sentence)
    return found


def _value(term: Term, shapes: m.Shapes) -> Text:
    if term.kind == IRI:
        return _called(term.lexical, shapes)
    shown = term.lexical if len(term.lexical) <= LONGEST else term.lexical[:LONGEST] + "…"
    return Text(f"“{shown}”", f"« {shown} »")


def _plural(count: int, en: str, fr: str) -> Text:
    return Text(f"{count} {en}{'s' if count != 1 else ''}", f"{count} {fr}{'s' if count > 1 else ''}")


def _demands(node: Term, shapes: m.Shapes) -> Text:
    """What a nested shape asks for, in one phrase of at most `PHRASE` characters: shapes that use others several times over would
    else fill books."""
    if node not in shapes.phrases:
        said = _demanded(shapes.by_node[node], shapes)
        shapes.phrases[node] = Text(_cut(said.en), _cut(said.fr))
    return shapes.phrases[node]


def _cut(phrase: str) -> str:
    return phrase if len(phrase) <= PHRASE else phrase[:PHRASE].rpartition(" ")[0] + " …"


def _demanded(shape: m.Shape, shapes: m.Shapes) -> Text:
    if shape.messages:
        own = _by_language(shape.messages)
        first = shape.messages[0][1]
        return Text(own.get("en", own.get("", first)).rstrip("."), own.get("fr", own.get("", first)).rstrip("."))
    parts: list[Text] = []
    for constraint in shape.constraints:
        if isinstance(constraint, m.Property):
            parts.append(_demands(constraint.shape, shapes))
        else:
            parts.append(SENTENCES[type(constraint)](constraint, shapes))
    if not parts:
        return subject(shape, shapes)
    said = Text(" and ".join(part.en for part in parts), " et ".join(part.fr for part in parts))
    if shape.path is None and shape.name is None:
        return said
    label = subject(shape, shapes)
    return Text(f"{label.en} {said.en}", f"{label.fr} {said.fr}")


def _each_demand(nodes: tuple[Term, ...], shapes: m.Shapes) -> Text:
    demands = [_demands(node, shapes) for node in nodes[:LISTED]]
    tail = _more(len(nodes))
    return Text("; ".join(each.en for each in demands) + tail.en, " ; ".join(each.fr for each in demands) + tail.fr)


def _more(count: int) -> Text:
    """How many of ``count`` are not `LISTED`."""
    left = count - LISTED
    return Text(f" … ({left} more)", f" … (et {left} autres)") if left > 0 else Text("", "")


def _class(c: m.Class, shapes: m.Shapes) -> Text:
    known = shapes.label(c.iri.lexical)
    if known is None:
        return Text(f"must be a {curie(c.iri.lexical)}", f"doit être de la classe {curie(c.iri.lexical)}")
    return Text(f"must be a record of the kind “{known.en}”", f"doit être une fiche de type « {known.fr} »")


def _datatype(c: m.Datatype, shapes: m.Shapes) -> Text:
    known = TYPES.get(c.iri)
    if known is None:
        return Text(f"must be a valid {curie(c.iri)}", f"doit être un {curie(c.iri)} valable")
    return Text(f"must be {known.en}", f"doit être {known.fr}")


def _min_count(c: m.MinCount, shapes: m.Shapes) -> Text:
    least = _plural(c.count, "value", "valeur")
    if c.count == 1:
        return Text("a value is required", "une valeur est obligatoire")
    return Text(f"at least {least.en} are required", f"au moins {least.fr} sont obligatoires")


def _max_count(c: m.MaxCount, shapes: m.Shapes) -> Text:
    if c.count == 0:
        return Text("no value is allowed", "aucune valeur n'est permise")
    most = _plural(c.count, "value", "valeur")
    return Text(f"at most {most.en} allowed", f"au plus {most.fr}")


BOUNDS = {
    ">": Text("must be more than {limit}", "doit être supérieur à {limit}"),
    ">=": Text("must be at least {limit}", "doit être au moins {limit}"),
    "<": Text("must be less than {limit}", "doit être inférieur à {limit}"),
    "<=": Text("must be at most {limit}", "doit être au plus {limit}"),
}


def _bound(c: m.Bound, shapes: m.Shapes) -> Text:
    return BOUNDS[c.operator].format(limit=c.limit.lexical)


def _min_length(c: m.MinLength, shapes: m.Shapes) -> Text:
    least = _plural(c.length, "character", "caractère")
    return Text(f"must have at least {least.en}", f"doit avoir au moins {least.fr}")


def _max_length(c: m.MaxLength, shapes: m.Shapes) -> Text:
    most = _plural(c.length, "character", "caractère")
    return Text(f"must have at most {most.en}", f"doit avoir au plus {most.fr}")


def _pattern(c: m.Pattern, shapes: m.Shapes) -> Text:
    return Text(f"must have the form {c.regex}", f"doit avoir la forme {c.regex}")


def _language_in(c: m.LanguageIn, shapes: m.Shapes) -> Text:
    listed = ", ".join(c.ranges)
    return Text(f"must be in one of the languages {listed}", f"doit être dans une des langues {listed}")


def _unique_lang(c: m.UniqueLang, shapes: m.Shapes) -> Text:
    return Text("only one value for each language is allowed", "une seule valeur par langue est permise")


def _pair(en: str, fr: str) -> Sentence:
    def said(c: m.PropertyPair | m.StartsWithValueOf, shapes: m.Shapes) -> Text:
        other = shapes.label(c.predicate)
        if other is None:
            return Text(f"{en} {curie(c.predicate)}", f"{fr} {curie(c.predicate)}")
        return Text(f"{en} “{other.en}”", f"{fr} « {other.fr} »")

    return said


def _not(c: m.Not, shapes: m.Shapes) -> Text:
    said = _demands(c.shape, shapes)
    return Text(f"must not meet this: {said.en}", f"ne doit pas satisfaire ceci : {said.fr}")


def _and(c: m.And, shapes: m.Shapes) -> Text:
    said = _each_demand(c.shapes, shapes)
    return Text(f"must meet all of this: {said.en}", f"doit satisfaire tout ceci : {said.fr}")


def _or(c: m.Or, shapes: m.Shapes) -> Text:
    said = _each_demand(c.shapes, shapes)
    return Text(f"must meet one of these: {said.en}", f"doit satisfaire l'un de ces points : {said.fr}")


def _xone(c: m.Xone, shapes: m.Shapes) -> Text:
    said = _each_demand(c.shapes, shapes)
    return Text(
        f"must meet exactly one of these: {said.en}", f"doit satisfaire exactement un de ces points : {said.fr}"
    )


def _node(c: m.Node, shapes: m.Shapes) -> Text:
    said = _demands(c.shape, shapes)
    return Text(f"must meet this: {said.en}", f"doit satisfaire ceci : {said.fr}")


def _qualified_min(c: m.QualifiedMinCount, shapes: m.Shapes) -> Text:
    said, least = _demands(c.shape, shapes), _plural(c.count, "value", "valeur")
    return Text(
        f"at least {least.en} must meet this: {said.en}",
        f"au moins {least.fr} {'doivent' if c.count > 1 else 'doit'} satisfaire ceci : {said.fr}",
    )


def _qualified_max(c: m.QualifiedMaxCount, shapes: m.Shapes) -> Text:
    said, most = _demands(c.shape, shapes), _plural(c.count, "value", "valeur")
    if c.count == 0:
        return Text(f"no value may meet this: {said.en}", f"aucune valeur ne peut satisfaire ceci : {said.fr}")
    return Text(
        f"at most {most.en} may meet this: {said.en}",
        f"au plus {most.fr} {'peuvent' if c.count > 1 else 'peut'} satisfaire ceci : {said.fr}",
    )


def _closed(c: m.Closed, shapes: m.Shapes) -> Text:
    return Text("this property is not allowed here", "cette propriété n'est pas permise ici")


def _has_value(c: m.HasValue, shapes: m.Shapes) -> Text:
    value = _value(c.value, shapes)
    return Text(f"must have the value {value.en}", f"doit avoir la valeur {value.fr}")


def _in(c: m.In, shapes: m.Shapes) -> Text:
    if not c.values:
        return Text("no value is allowed", "aucune valeur n'est permise")
    values = [_value(value, shapes) for value in c.values[:LISTED]]
    listed = Text(", ".join(value.en for value in values), ", ".join(value.fr for value in values))
    tail = _more(len(c.values))
    return Text(f"must be one of {listed.en}{tail.en}", f"doit être une des valeurs {listed.fr}{tail.fr}")


def _not_in_future(c: m.NotInFuture, shapes: m.Shapes) -> Text:
    return Text("must not lie in the future", "ne doit pas être dans le futur")


def _custom(c: m.Custom, shapes: m.Shapes) -> Text:
    given = [(name, _value(term, shapes)) for name, term in c.parameters]
    name = _called(c.iri, shapes)
    return Text(
        f"does not meet {name.en} ({', '.join(f'{each} {value.en}' for each, value in given)})",
        f"ne respecte pas {name.fr} ({', '.join(f'{each} {value.fr}' for each, value in given)})",
    )


def _sparql(c: m.Sparql, shapes: m.Shapes) -> Text:
    known = shapes.label(c.source.lexical)
    if known is None:
        return Text("the rule of a query is not met", "la règle d'une requête n'est pas respectée")
    return Text(f"the rule “{known.en}” is not met", f"la règle « {known.fr} » n'est pas respectée")


SENTENCES: dict[type, Sentence] = {
    m.Class: _class,
    m.Datatype: _datatype,
    m.NodeKind: lambda c, shapes: KINDS[c.kinds],
    m.MinCount: _min_count,
    m.MaxCount: _max_count,
    m.MinExclusive: _bound,
    m.MinInclusive: _bound,
    m.MaxExclusive: _bound,
    m.MaxInclusive: _bound,
    m.MinLength: _min_length,
    m.MaxLength: _max_length,
    m.Pattern: _pattern,
    m.LanguageIn: _language_in,
    m.UniqueLang: _unique_lang,
    m.Equals: _pair("must have the same values as", "doit avoir les mêmes valeurs que"),
    m.Disjoint: _pair("must have no value in common with", "ne doit avoir aucune valeur commune avec"),
    m.LessThan: _pair("must be less than", "doit être inférieur à"),
    m.LessThanOrEquals: _pair("must not be more than", "ne doit pas dépasser"),
    m.Not: _not,
    m.And: _and,
    m.Or: _or,
    m.Xone: _xone,
    m.Node: _node,
    m.QualifiedMinCount: _qualified_min,
    m.QualifiedMaxCount: _qualified_max,
    m.Closed: _closed,
    m.HasValue: _has_value,
    m.In: _in,
    m.NotInFuture: _not_in_future,
    m.Sparql: _sparql,
    m.Custom: _custom,
    m.StartsWithValueOf: _pair("must begin with the value of", "doit commencer par la valeur de"),
}
