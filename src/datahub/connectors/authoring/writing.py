"""The mapping of a draft, ``mapping.ttl``, with every guess marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from datahub.connectors.authoring.drafting import Draft
from datahub.connectors.authoring.guess import Guess
from datahub.connectors.authoring.keys import Keys
from datahub.connectors.authoring.lenses import Made, Setting, call, made, quoted, reference, with_type
from datahub.connectors.authoring.lists import unit_of
from datahub.connectors.authoring.models import RECORD, Node
from datahub.i18n import Lang, Text, number
from datahub.profiles.namespaces import prefixes

HEAD = Text(
    "Drafted from a sample. Every line marked “guess” is one: check it, correct it, then take the mark away.",
    "Ébauché d'après un exemple. Chaque ligne marquée « à vérifier » est une supposition : vérifiez, corrigez, retirez la marque.",
)
GUESS = Text("guess", "à vérifier")
_QUOTES = {"en": ("“", "”"), "fr": ("« ", " »")}
_FRENCH = re.compile(r"\b(?:le|la|les|des|du|une?|et|avec|pour|dans|sur)\b", re.I)
_ENGLISH = re.compile(r"\b(?:the|and|with|for|of|in|on|a|from)\b", re.I)


def language(draft: Draft) -> str:
    """The language that most of the texts are in: French or English."""
    texts = list(draft.sample.titles.values())
    for guess in draft.guesses:
        if guess.reading.kind in ("text", "prose"):
            texts += guess.column.values.drop_nulls().head(50).to_list()
    whole = " ".join(texts)
    return "en" if len(_ENGLISH.findall(whole)) > len(_FRENCH.findall(whole)) else "fr"


def mapping(name: str, draft: Draft, keys: Keys, lang: Lang) -> str:
    """``mapping.ttl`` of the draft."""
    nodes = _nodes(draft, keys, lang)
    body = "\n\n".join(nodes.values())
    used = {prefix for prefix in prefixes() if re.search(rf"(?<![\w<:]){re.escape(prefix)}:", body)} | {"dh"}
    spaces = {"rml": "http://w3id.org/rml/", **{prefix: prefixes()[prefix] for prefix in used}}
    lines = [
        f"# {HEAD.to(lang)}",
        "",
        f"@base <https://w3id.org/datahub/connectors/{name}/> .",
        *(f"@prefix {prefix}: <{spaces[prefix]}> ." for prefix in sorted(spaces)),
        "",
        *_sources(draft, lang),
        *_unmapped(draft, lang),
        body,
    ]
    return "\n".join(lines) + "\n"


def _sources(draft: Draft, lang: Lang) -> list[str]:
    """The logical sources: the records, and the objects of each list that is a node of its own."""
    paths = _formulation(draft)
    lines = [
        "<#source> a rml:LogicalSource ;",
        f"    rml:source {quoted(_source(draft))} ;",
        "    rml:referenceFormulation rml:CSV ."
        if draft.sample.kind == "csv"
        else f"    rml:referenceFormulation {paths} ;\n    rml:iterator {quoted(draft.sample.iterator or '$')} .",
        "",
    ]
    for path in dict.fromkeys(draft.parts.homes.values()):
        lines += [
            f"<#{_source_of(draft, path)}> a rml:LogicalSource ;",
            f"    rml:source {quoted(_source(draft))} ;",
            f"    rml:referenceFormulation {paths} ;",
            f"    rml:iterator {quoted(_iterator(draft, path))} .",
            "",
        ]
    for path, title in draft.parts.unread.items():
        head = Text(
            f"“{title}” is a list of objects that is not read. If it matters, give it a map of its own with this source, and link "
            f"it to the record by a join of “_key” with “_key”:",
            f"« {title} » est une liste d'objets qui n'est pas lue. Si elle compte, donnez-lui son propre map avec cette source, "
            f"et reliez-le à la fiche par une jointure de « _key » avec « _key » :",
        )
        iterator = quoted(_iterator(draft, path))
        source = f"rml:source {quoted(_source(draft))} ; rml:referenceFormulation {paths} ; rml:iterator {iterator}"
        lines += [f"# {head.to(lang)}", f"#   rml:logicalSource [ {' '.join(source.split())} ]", ""]
    return lines


def _formulation(draft: Draft) -> str:
    """How paths are written; of XML with the namespaces of their prefixes, that of names without any under no prefix."""
    if draft.sample.kind != "xml":
        return "rml:JSONPath"
    if not draft.sample.spaces:
        return "rml:XPath"
    spaces = " ,\n        ".join(
        f"[ rml:namespacePrefix {quoted(prefix)} ; rml:namespaceURL {quoted(space)} ]"
        for prefix, space in draft.sample.spaces.items()
    )
    return f"[ a rml:XPathReferenceFormulation ; rml:namespace\n        {spaces} ]"


def _iterator(draft: Draft, path: str) -> str:
    if draft.sample.kind == "xml":
        return f"{draft.sample.iterator}/{path}"
    return f"{draft.sample.iterator}{'' if path.startswith('[') else '.'}{path}[*]"


def _source_of(draft: Draft, path: str) -> str:
    """The name of the source of a list: “source-offers”."""
    words = "-".join(re.findall(r"[\w-]+", draft.sample.lists[path])).lower()
    same = [each for each in dict.fromkeys(draft.parts.homes.values()) if each != path]
    known = {"-".join(re.findall(r"[\w-]+", draft.sample.lists[each])).lower() for each in same}
    return f"source-{words}-{len(path)}" if words in known else f"source-{words}"


def _source(draft: Draft) -> str:
    return f"{draft.model.path}.{draft.sample.kind}"


def _unmapped(draft: Draft, lang: Lang) -> list[str]:
    left = [guess for guess in draft.guesses if guess.slot is None]
    if not left:
        return []
    head = Text("Columns without a property; they are not read:", "Colonnes sans propriété ; elles ne sont pas lues :")
    lines = [f"# {head.to(lang)}"]
    for guess in left:
        values = ", ".join(
            quoted(value[:40]) for value in guess.column.values.drop_nulls().unique(maintain_order=True).head(4)
        )
        lines.append(f"#   {quoted(guess.column.name)}: {values or '-'}")
    return [*lines, ""]


def settled(draft: Draft) -> Draft:
    """``draft`` without the guesses for nodes that are not made because nothing names them: a host that has a telephone only."""
    there = {RECORD, *(node.name for node in _there(draft, _filled(draft)))}
    return replace(
        draft,
        guesses=tuple(
            guess if guess.slot is None or guess.slot.node in there else _unnamed(guess, draft)
            for guess in draft.guesses
        ),
    )


def _unnamed(guess: Guess, draft: Draft) -> Guess:
    node = next(node for node in draft.model.nodes if guess.slot and node.name == guess.slot.node)
    needed = {node.needs, node.label} - {None}
    labels = [slot.label for slot in draft.model.slots if slot.node == node.name and slot.predicate in needed]
    en, fr = (", ".join(f"{mark[0]}{label.to(lang)}{mark[1]}" for label in labels) for lang, mark in _QUOTES.items())
    why = Text(
        f"it goes with {en or node.name}, which no column gives",
        f"elle va avec {fr or node.name}, qu'aucune colonne ne donne",
    )
    return replace(guess, slot=None, match=None, score=0.0, reason=why)


def _nodes(draft: Draft, keys: Keys, lang: Lang) -> dict[str, str]:
    """The triples maps by the name of their node, as Turtle."""
    filled = _filled(draft)
    there = _there(draft, filled)
    maps = {RECORD: _record(draft, keys, filled[RECORD], there, lang)}
    for each_node in there:
        maps[each_node.name] = _node(draft, each_node, filled.get(each_node.name, []), there, lang)
    return maps


def _filled(draft: Draft) -> dict[str, list[tuple[Guess, Made]]]:
    """What the columns give, by the node that it belongs to."""
    spoken = language(draft)
    taken = frozenset((guess.slot.node, guess.slot.predicate) for guess in draft.guesses if guess.slot)
    setting = Setting(taken, spoken, draft.model.path, _commas(draft))
    filled: dict[str, list[tuple[Guess, Made]]] = {RECORD: []}
    for guess in draft.guesses:
        if guess.slot is not None:
            home = draft.parts.homes.get(guess.slot.node)
            inner = _seen_from(guess, draft)
            for each in made(inner, setting):
                node = each.node or guess.slot.node
                if draft.parts.homes.get(node) == home:
                    filled.setdefault(node, []).append((inner, each))
            if guess.slot.also and guess.slot.also not in taken:
                node, prop = guess.slot.also
                if draft.parts.homes.get(node) == home:
                    filled.setdefault(node, []).append((inner, Made(prop, reference(inner.column.name))))
    return filled


def _seen_from(guess: Guess, draft: Draft) -> Guess:
    """``guess`` with its column as it is called from the objects of the list that its node stands for."""
    assert guess.slot is not None
    name = draft.parts.inside(guess.slot.node, guess.column.name, draft.sample)
    return guess if name == guess.column.name else replace(guess, column=replace(guess.column, name=name))


def _commas(draft: Draft) -> bool:
    return any(guess.reading.kind == "comma" or guess.reading.options.get("mark") == "comma" for guess in draft.guesses)


def _there(draft: Draft, filled: dict[str, list[tuple[Guess, Made]]]) -> list[Node]:
    """The nodes that a column fills, those between them and the record, and none that lacks what it needs."""
    properties = {name: {each.predicate for _, each in places} for name, places in filled.items()}
    nodes = {node.name: node for node in draft.model.nodes}
    wanted = {
        name
        for name, node in nodes.items()
        if (properties.get(name) or (name == "quantity" and _priced_per(draft)))
        and (node.needs is None or node.needs in properties[name])
        and (node.label is None or node.label in properties[name])
    }
    for name in list(wanted):
        while (of := nodes[name].of) != RECORD:
            wanted.add(of)
            name = of
    return [node for node in draft.model.nodes if node.name in wanted]


def _priced_per(draft: Draft) -> bool:
    """Whether the title of the price names the unit: “Prix au kg”."""
    guess = draft.column("dfc-b:value", "price")
    return guess is not None and unit_of(guess.column.title) is not None


def _record(draft: Draft, keys: Keys, places: list[tuple[Guess, Made]], there: list[Node], lang: Lang) -> str:
    model = draft.model
    lines = _places(places, lang)
    if not any(each.predicate == "dct:identifier" for _, each in places):
        column = keys.single or "_key"
        lines.insert(0, [f"# {GUESS.to(lang)}: {keys.reason.to(lang)}", _pom("dct:identifier", reference(column))])
    lines += [[_pom(node.link, _link(draft, RECORD, node.name))] for node in there if node.of == RECORD]
    lines += _derived(draft, places)
    lines += _implied(draft, lang)
    stubs = _asked(draft, there, lang)
    subject = f'[ rml:template "{model.path}/{{_key}}" ; rml:class {model.type} ]'
    return _map("record", subject, lines, record=True) + stubs


def _node(draft: Draft, node: Node, places: list[tuple[Guess, Made]], there: list[Node], lang: Lang) -> str:
    lines = _places(places, lang)
    properties = {each.predicate for _, each in places}
    lines += _hinted(draft, node, properties, lang)
    lines += [
        [_pom(prop, "", constant=_constant(prop, value))]
        for prop, value in node.constants.items()
        if prop not in properties
    ]
    if node.inverse:
        lines.insert(0, [_pom(node.inverse, _link(draft, node.name, node.of))])
    lines += [[_pom(each.link, _link(draft, node.name, each.name))] for each in there if each.of == node.name]
    home = draft.parts.homes.get(node.name)
    source = _source_of(draft, home) if home else "source"
    return _map(node.name, _subject(draft, node, places, there), lines, source=source)


def _link(draft: Draft, child: str, parent: str) -> str:
    """The map ``parent`` as a value of ``child``; across lists, those of the same record."""
    homes = draft.parts.homes
    if homes.get(child) == homes.get(parent):
        return f"[ rml:parentTriplesMap <#{parent}> ]"
    join = 'rml:joinCondition [ rml:child "_key" ; rml:parent "_key" ]'
    return f"[ rml:parentTriplesMap <#{parent}> ; {join} ]"


def _subject(draft: Draft, node: Node, places: list[tuple[Guess, Made]], there: list[Node]) -> str:
    if node.slug:
        column = next(guess.column.name for guess, each in places if each.predicate == node.label)
        slug = call("fn:slug", reference(column), prefix=f"{node.slug}/")
        return f"{slug[:-2]} ; rml:class {node.type} ]"
    number = "-{_number}" if node.name in draft.parts.homes else ""
    head = f'rml:template "{draft.model.path}/{{_key}}#{node.name}{number}" ; rml:class {node.type}'
    below = [each for each in there if each.of == node.name]
    needed = [guess for guess, each in places if each.predicate == node.needs]
    if not places:
        needed = [_seen_from(guess, draft) for each in below for guess in _needed(draft, each)]
    elif not needed and not below and len({guess.column.name for guess, _ in places}) == 1:
        needed = [places[0][0]]
    if not needed or not needed[0].column.values.null_count():
        return f"[ {head} ]"
    condition = call("fn:notEmpty", reference(needed[0].column.name))
    return f"[ {head} ;\n        rml:condition {condition} ]"


def _needed(draft: Draft, node: Node) -> list[Guess]:
    """The column without which there is no such node."""
    found = draft.column(node.needs or "", node.name)
    return [found] if found else []


def _map(name: str, subject: str, places: Sequence[Sequence[str]], record: bool = False, source: str = "source") -> str:
    head = [f"<#{name}> a rml:TriplesMap ;"]
    if record:
        head.append("    dh:recordMap true ;")
    head += [f"    rml:logicalSource <#{source}> ;", f"    rml:subjectMap {subject} ;"]
    last = len(places) - 1
    for place, lines in enumerate(places):
        *comments, statement = lines
        head += [f"    {comment}" for comment in comments]
        head.append(f"    {statement} {'.' if place == last else ';'}")
    if not places:
        head[-1] = head[-1].removesuffix(" ;") + " ."
    return "\n".join(head)


def _places(places: Iterable[tuple[Guess, Made]], lang: Lang) -> list[list[str]]:
    lines = []
    told: set[str] = set()
    for guess, each in places:
        comments = []
        if guess.column.name not in told:
            colon = " :" if lang == "fr" else ":"
            mark = "" if guess.said else f"{GUESS.to(lang)} {number(guess.score, lang, '.0%')}{colon} "
            comments.append(f"# {mark}{quoted(guess.column.title)}, {guess.reason.to(lang)}")
            told.add(guess.column.name)
        if each.note:
            comments.append(f"# {each.note.to(lang)}")
        comments += [f"#   {line.to(lang)}" for line in each.stub]
        lines.append([*comments, _pom(each.predicate, each.object)])
    return lines


def _pom(prop: str, value: str, constant: str | None = None) -> str:
    if constant is not None:
        return f"rml:predicateObjectMap [ rml:predicate {prop} ; rml:object {constant} ]"
    return f"rml:predicateObjectMap [ rml:predicate {prop} ; rml:objectMap {value} ]"


def _constant(prop: str, value: str) -> str:
    return value if ":" in value else f'"{value}"^^<http://www.w3.org/2001/XMLSchema#decimal>'


def _derived(draft: Draft, places: list[tuple[Guess, Made]]) -> list[list[str]]:
    """The department, which regions filter by, out of the INSEE code or else the postal code."""
    have = {each.predicate: guess for guess, each in places}
    if "dh:departmentCode" in have or draft.model.sector not in ("mobility", "hospitality"):
        return []
    for prop, function in (("dh:inseeCode", "fn:department"), ("schema:postalCode", "fn:departmentOfPostcode")):
        if prop in have:
            value = call(function, reference(have[prop].column.name), severity="warning")
            return [[_pom("dh:departmentCode", value)]]
    return []


def _implied(draft: Draft, lang: Lang) -> list[list[str]]:
    """What goes with a property without being said: the currency of a price, what it is per."""
    have = {guess.slot.predicate: guess for guess in draft.guesses if guess.slot and guess.slot.node == RECORD}
    added: dict[str, list[str]] = {}
    for prop, others in draft.model.implied.items():
        if prop not in have:
            continue
        guess = have[prop]
        for other, value in others.items():
            if other not in have and other not in added:
                why = Text(f"goes with “{guess.column.title}”", f"va avec « {guess.column.title} »")
                added[other] = [f"# {GUESS.to(lang)}: {why.to(lang)}", _implication(other, value, guess, lang)]
        unit = unit_of(guess.column.title)
        if unit and "dh:pricePer" not in {*have, *added}:
            added["dh:pricePer"] = [
                f"# {GUESS.to(lang)}: {quoted(guess.column.title)}",
                _pom("dh:pricePer", "", f"<{unit}>"),
            ]
    return list(added.values())


def _implication(prop: str, value: str, guess: Guess, lang: Lang) -> str:
    if not value.startswith("fn:"):
        return _pom(prop, "", value)
    read = made(guess, Setting())[-1].object
    amount = read if read.startswith("[\n") else reference(guess.column.name)
    return _pom(prop, with_type(call(value, amount), "rml:termType rml:IRI"))


def _hinted(draft: Draft, node: Node, properties: set[str], lang: Lang) -> list[list[str]]:
    """The unit that the title of the quantity or the price names, where no column holds it."""
    unit = next((prop for prop in ("dfc-b:hasUnit",) if node.name == "quantity" and prop not in properties), None)
    for place in (("quantity", "dfc-b:value"), ("price", "dfc-b:value")):
        guess = draft.column(place[1], place[0])
        if unit and guess and (found := unit_of(guess.column.title)):
            return [[f"# {GUESS.to(lang)}: {quoted(guess.column.title)}", _pom(unit, "", f"<{found}>")]]
    return []


def _asked(draft: Draft, there: list[Node], lang: Lang) -> str:
    """What the profile asks for and no column gives, as lines to complete."""
    have = {(guess.slot.node, guess.slot.predicate) for guess in draft.guesses if guess.slot}
    lacking = [slot for slot in draft.model.slots if slot.asked and (slot.node, slot.predicate) not in have]
    if not lacking:
        return ""
    head = Text(
        "The profile asks for these, and no column gives them. Name a column, or give all records the same value:",
        "Le profil les demande et aucune colonne ne les donne. Nommez une colonne, ou donnez la même valeur à toutes les fiches :",
    )
    lines = [f"# {head.to(lang)}"]
    for slot in lacking:
        value = slot.yes or ("…" if slot.lists else '"…"')
        lines.append(
            f"#   {slot.label.to(lang)}: rml:predicateObjectMap [ rml:predicate {slot.predicate} ; rml:object {value} ]"
        )
    return "\n" + "\n".join(lines)
