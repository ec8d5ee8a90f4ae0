"""A draft as the two files of a package: ``connector.yaml`` and ``mapping.ttl``, with every guess marked as such."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from datahub.connectors.authoring.guess import Draft, Guess
from datahub.connectors.authoring.keys import Keys
from datahub.connectors.authoring.lenses import Made, Setting, call, made, quoted, reference, with_type
from datahub.connectors.authoring.lists import unit_of
from datahub.connectors.authoring.models import RECORD, Node
from datahub.i18n import Lang, Text
from datahub.profiles.namespaces import prefixes

_HEAD = Text(
    "Drafted from a sample. Every line marked “guess” is one: check it, correct it, then take the mark away.",
    "Ébauché d'après un exemple. Chaque ligne marquée « à vérifier » est une supposition : vérifiez, corrigez, retirez la marque.",
)
_GUESS = Text("guess", "à vérifier")
_FRENCH = re.compile(r"\b(?:le|la|les|des|du|une?|et|avec|pour|dans|sur)\b", re.I)
_ENGLISH = re.compile(r"\b(?:the|and|with|for|of|in|on|a|from)\b", re.I)
_PLAIN_YAML = re.compile(r"^[A-Za-zÀ-ÿ_][\wÀ-ÿ .'/()-]*[\wÀ-ÿ)]$|^[A-Za-z]$")
_YAML_WORDS = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})


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
        f"# {_HEAD.to(lang)}",
        "",
        f"@base <https://w3id.org/datahub/connectors/{name}/> .",
        *(f"@prefix {prefix}: <{spaces[prefix]}> ." for prefix in sorted(spaces)),
        "",
        "<#source> a rml:LogicalSource ;",
        f"    rml:source {quoted(_source(draft))} ;",
        "    rml:referenceFormulation rml:CSV ."
        if draft.sample.kind == "csv"
        else f"    rml:referenceFormulation rml:JSONPath ;\n    rml:iterator {quoted(draft.sample.iterator or '$')} .",
        "",
        *_unmapped(draft, lang),
        body,
    ]
    return "\n".join(lines) + "\n"


def _source(draft: Draft) -> str:
    return f"{draft.model.path}.{ {'csv': 'csv', 'json': 'json', 'geojson': 'geojson'}[draft.sample.kind] }".replace(
        " ", ""
    )


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


def _nodes(draft: Draft, keys: Keys, lang: Lang) -> dict[str, str]:
    """The triples maps by the name of their node, as Turtle."""
    spoken = language(draft)
    taken = frozenset((guess.slot.node, guess.slot.predicate) for guess in draft.guesses if guess.slot)
    setting = Setting(taken, spoken, draft.model.path, _commas(draft))
    filled: dict[str, list[tuple[Guess, Made]]] = {RECORD: []}
    for guess in draft.guesses:
        if guess.slot is not None:
            for each in made(guess, setting):
                filled.setdefault(each.node or guess.slot.node, []).append((guess, each))
            if guess.slot.also and guess.slot.also not in taken:
                node, prop = guess.slot.also
                filled.setdefault(node, []).append((guess, Made(prop, reference(guess.column.name))))
    there = _there(draft, filled)
    maps = {RECORD: _record(draft, keys, filled[RECORD], there, lang)}
    for each_node in there:
        maps[each_node.name] = _node(draft, each_node, filled.get(each_node.name, []), there, lang)
    return maps


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
        lines.insert(0, [f"# {_GUESS.to(lang)}: {keys.reason.to(lang)}", _pom("dct:identifier", reference(column))])
    lines += [[_pom(node.link, f"[ rml:parentTriplesMap <#{node.name}> ]")] for node in there if node.of == RECORD]
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
        lines.insert(0, [_pom(node.inverse, f"[ rml:parentTriplesMap <#{node.of}> ]")])
    lines += [[_pom(each.link, f"[ rml:parentTriplesMap <#{each.name}> ]")] for each in there if each.of == node.name]
    return _map(node.name, _subject(draft, node, places, there), lines)


def _subject(draft: Draft, node: Node, places: list[tuple[Guess, Made]], there: list[Node]) -> str:
    if node.slug:
        column = next(guess.column.name for guess, each in places if each.predicate == node.label)
        slug = call("fn:slug", reference(column), prefix=f"{node.slug}/")
        return f"{slug[:-2]} ; rml:class {node.type} ]"
    head = f'rml:template "{draft.model.path}/{{_key}}#{node.name}" ; rml:class {node.type}'
    below = [each for each in there if each.of == node.name]
    needed = [guess for guess, each in places if each.predicate == node.needs]
    if not places:
        needed = [guess for each in below for guess in _needed(draft, each)]
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


def _map(name: str, subject: str, places: list[list[str]], record: bool = False) -> str:
    head = [f"<#{name}> a rml:TriplesMap ;"]
    if record:
        head.append("    dh:recordMap true ;")
    head += ["    rml:logicalSource <#source> ;", f"    rml:subjectMap {subject} ;"]
    last = len(places) - 1
    for number, lines in enumerate(places):
        *comments, statement = lines
        head += [f"    {comment}" for comment in comments]
        head.append(f"    {statement} {'.' if number == last else ';'}")
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
            mark = "" if guess.said else f"{_GUESS.to(lang)} {guess.score:.0%}{colon} "
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
                added[other] = [f"# {_GUESS.to(lang)}: {why.to(lang)}", _implication(other, value, guess, lang)]
        unit = unit_of(guess.column.title)
        if unit and "dh:pricePer" not in {*have, *added}:
            added["dh:pricePer"] = [
                f"# {_GUESS.to(lang)}: {quoted(guess.column.title)}",
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
            return [[f"# {_GUESS.to(lang)}: {quoted(guess.column.title)}", _pom(unit, "", f"<{found}>")]]
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


def definition(name: str, draft: Draft, keys: Keys, lang: Lang) -> str:
    """``connector.yaml`` of the draft."""
    sample, guess = draft.sample, _GUESS.to(lang)
    read = [each.column.name for each in draft.guesses if each.slot]
    flat = sample.iterator == "$[*]" and not any(set(".[") & set(each) for each in read)
    # A key is written back from columns that the mapping reads.
    kept = {each.column.name for each in draft.guesses if each.kept}
    told = all(column in kept for key in keys.keys for column in (*key.columns, *key.also)) or keys.single is not None
    both = told and (sample.kind in ("csv", "geojson") or flat)
    todo = Text("to be written", "à écrire").to(lang)
    lines = [
        f"# {_HEAD.to(lang)}",
        f"name: {name}",
        "title:",
        f"  en: {name}",
        f"  fr: {name}",
        "description:",
        f"  en: {todo}",
        f"  fr: {todo}",
        "format:",
        f'  version: "1"  # {guess}',
        f"  described: {todo}",
        f"profile: {draft.model.sector}  # {guess}",
        f"directions: [{'in, out' if both else 'in'}]",
        "variants:",
        f"  - name: {draft.model.path}",
        f"    kind: {sample.kind}",
    ]
    if sample.kind == "csv":
        lines += _dialect(draft, lang)
        lines += ["    columns:", *_columns(draft, keys)]
    else:
        signs = ", ".join(_scalar(sign) for sign in _signs(draft))
        lines.append(f"    signs: [{signs}]  # {guess}")
    lines += ["    identifier:", "      keys:", f"        # {guess}: {keys.reason.to(lang)}"]
    for key in keys.keys:
        lines.append(f"        - columns: [{', '.join(_scalar(column) for column in key.columns)}]")
        if key.also:
            lines.append(f"          also: [{', '.join(_scalar(column) for column in key.also)}]")
        if key.made:
            lines.append("          made: true")
    return "\n".join(lines) + "\n"


def _dialect(draft: Draft, lang: Lang) -> list[str]:
    dialect, guess = draft.sample.dialect, _GUESS.to(lang)
    lines = ["    dialect:"]
    if draft.sample.sheet is not None:
        lines.insert(0, f"    sheet: {_scalar(draft.sample.sheet)}  # {guess}")
    if draft.sample.encoding == "xlsx":
        lines.append('      delimiters: [";", ","]')
    else:
        note = "" if draft.sample.encoding == "utf-8" else f"  # {_encoded(draft.sample.encoding).to(lang)}"
        lines.append(f"      delimiters: [{json.dumps(dialect.delimiters[0])}]{note}")
    if dialect.skip_rows:
        lines.append(f"      skip_rows: {dialect.skip_rows}  # {guess}")
    if dialect.header_rows > 1:
        lines.append(f"      header_rows: {dialect.header_rows}  # {guess}")
    if dialect.null_values:
        lines.append(f"      null_values: [{', '.join(json.dumps(word) for word in dialect.null_values)}]  # {guess}")
    return lines


def _encoded(encoding: str) -> Text:
    shown = "Windows-1252" if encoding == "cp1252" else encoding.upper()
    return Text(
        f"the sample is in {shown}; that is read, UTF-8 is written",
        f"l'exemple est en {shown} ; il est lu, l'écriture est en UTF-8",
    )


def _columns(draft: Draft, keys: Keys) -> list[str]:
    needed = {column for key in keys.keys if not key.made for column in key.columns}
    needed |= {column for key in keys.keys[:1] for column in key.columns}
    lines = []
    for guess in draft.guesses:
        name = guess.column.name
        required = name in needed or (guess.slot is not None and guess.slot.asked)
        empty = guess.column.values.null_count() > 0 or len(keys.keys) > 1
        entry = (
            "{required: true, may_be_empty: true}" if required and empty else "{required: true}" if required else "{}"
        )
        lines.append(f"      {_scalar(name)}: {entry}")
    return lines


def _signs(draft: Draft) -> list[str]:
    names = ["FeatureCollection"] if draft.sample.kind == "geojson" else []
    for guess in draft.guesses:
        step = re.findall(r"[\wÀ-ÿ-]+", re.sub(r"\[[*\d]+\]", "", guess.column.name))
        if step and not guess.column.values.null_count() and step[-1] not in names and guess.slot:
            names.append(step[-1])
    return names[:4] or [re.findall(r"[\wÀ-ÿ-]+", draft.guesses[0].column.name)[0]]


def _scalar(text: str) -> str:
    return text if _PLAIN_YAML.match(text) and text.lower() not in _YAML_WORDS else json.dumps(text, ensure_ascii=False)
