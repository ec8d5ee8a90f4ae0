"""How the value of a column becomes a term: the object maps of a draft, in Turtle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datahub.connectors.authoring.guess import Guess
from datahub.connectors.authoring.lists import ListMatch
from datahub.i18n import Text
from datahub.profiles.namespaces import expand
from datahub.profiles.vocabulary import vocabulary

NUMBER = r"([0-9][0-9 ]*(?:[.,][0-9]+)?)"
_ENOUGH = 0.7
"""A list that knows this share of the values is looked up; below it the values that are known are written out."""
_DECIMALS = {"integer": "fn:integer", "decimal": "fn:decimal", "comma": "fn:decimalComma"}


@dataclass(frozen=True)
class Made:
    """A property and its object map. ``note``: what the author should know of it; ``stub``: lines to be completed, as a comment."""

    predicate: str
    object: str
    note: Text | None = None
    stub: tuple[Text, ...] = ()
    node: str | None = None
    """Where it belongs, if not to the node of the guess."""


def quoted(text: str) -> str:
    """``text`` as a Turtle string."""
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escaped)
    return f'"{text}"'


def reference(column: str) -> str:
    """A value map that is the cell itself."""
    return f"[ rml:reference {quoted(column)} ]"


def call(function: str, value: str, **parameters: str) -> str:
    """A value map that calls a lens with one value map and text parameters."""
    inputs = [f"[ rml:parameter fn:value ; rml:inputValueMap {value} ]"]
    inputs += [f"[ rml:parameter fn:{name} ; rml:inputValue {_parameter(text)} ]" for name, text in parameters.items()]
    joined = " ,\n                    ".join(each.replace("\n", "\n            ") for each in inputs)
    execution = f"rml:functionExecution [ rml:function {function} ;\n            rml:input {joined} ]"
    return f"[\n        {execution} ;\n        rml:return fn:out ]"


def _parameter(text: str) -> str:
    return f"<{text}>" if text.startswith("https://w3id.org/datahub/ns/") and " " not in text else quoted(text)


def with_type(value: str, extra: str) -> str:
    """``value`` with more said of the term: language, term type, condition."""
    return f"{value[:-2]} ; {extra} ]"


@dataclass(frozen=True)
class Setting:
    """What the whole file says about how a column is read. ``taken``: places that other columns fill; ``language``: of its texts;
    ``path``: where records are minted; ``comma``: numbers have decimal commas."""

    taken: frozenset[tuple[str, str]] = frozenset()
    language: str = "fr"
    path: str = ""
    comma: bool = False


def made(guess: Guess, setting: Setting) -> list[Made]:
    """The properties that the column of ``guess`` fills."""
    slot, reading, column = guess.slot, guess.reading, guess.column.name
    assert slot is not None
    if slot.refers:
        escaped = "".join(f"\\{each}" if each in "{}\\" else each for each in column)
        return [Made(slot.predicate, f"[ rml:template {quoted(f'{setting.path}/{{{escaped}}}')} ]")]
    cell = reference(column)
    kind = reading.kind if reading.kind != "empty" else _expected(slot.predicate, slot.reads)
    if kind == "quantity":
        return _quantity(guess, cell, setting.taken)
    if kind == "latlon":
        return _both(guess, cell)
    if kind == "boolean" and slot.yes:
        return [_answered(guess, cell)]
    if slot.lists and (guess.match is None or not guess.match.found) and kind == "boolean":
        return [_recoded_answers(guess, cell)]
    if slot.lists:
        return _listed(guess, cell)
    return [Made(slot.predicate, _plain(guess, kind, cell, setting), _odd(guess))]


def _expected(prop: str, reads: Sequence[str]) -> str:
    """How to read a column that is empty in the sample: as the range of the property says."""
    range_ = vocabulary().term(expand(prop)).range or ""
    kinds = {"decimal": "comma", "integer": "integer", "boolean": "boolean", "date": "date", "dateTime": "datetime"}
    wanted = kinds.get(range_.rsplit("#", 1)[-1])
    return wanted or (
        "comma" if reads and reads[0] in ("price", "percent", "latitude", "longitude", "decimal") else "text"
    )


def _plain(guess: Guess, kind: str, cell: str, setting: Setting) -> str:
    slot, options = guess.slot, guess.reading.options
    assert slot is not None
    severity = {"severity": "warning"} if guess.reading.odd else {}
    if kind == "integer" and "decimal" in slot.reads:  # an amount that happens to have no decimals here
        kind = "comma" if setting.comma else "decimal"
    if kind in _DECIMALS:
        return call(_DECIMALS[kind], cell, **severity)
    if kind in ("marked-latitude", "marked-longitude"):
        return call("fn:degrees", cell, letters=options["letters"], **severity)
    if kind in ("latitude", "longitude"):
        return call(_DECIMALS[options.get("mark", "decimal")], cell, **severity)
    if kind in ("price", "percent"):
        bare = cell
        if options.get("strip"):
            bare = call("fn:match", cell, pattern=NUMBER)
        elif options.get("prefix") or options.get("suffix"):
            bare = call("fn:without", cell, prefix=options["prefix"], suffix=options["suffix"])
        return call(_DECIMALS[options.get("mark", "comma")], bare, **severity)
    if kind == "boolean":
        words = {"true": options["true"], "false": options["false"]} if options else {}
        return call("fn:boolean", cell, **words, **severity)
    if kind == "date":
        return call("fn:date", cell, **({"format": options["format"]} if options else {}), **severity)
    if kind == "datetime":
        # ISO 8601 with a T is what the lens reads by itself, with and without an offset.
        formats = "|".join(form for form in options.get("format", "").split("|") if "T" not in form)
        return call("fn:dateTime", cell, **({"format": formats} if formats else {}), **severity)
    if kind in ("url", "image") and not guess.reading.odd:
        filled = guess.column.values.drop_nulls()
        if filled.str.starts_with("www.").all():
            return with_type(call("fn:prefix", cell, prefix="https://"), "rml:termType rml:IRI")
        if filled.str.contains(r"^https?://").all():
            return with_type(cell, "rml:termType rml:IRI")
        return cell
    if slot.language:
        return with_type(cell, f"rml:language {quoted(guess.column.language or setting.language)}")
    return cell


def _odd(guess: Guess) -> Text | None:
    odd = guess.reading.odd
    if not odd:
        return None
    listed = ", ".join(quoted(value[:40]) for value in odd)
    return Text(f"these values are otherwise: {listed}", f"ces valeurs sont différentes : {listed}")


def _quantity(guess: Guess, cell: str, taken: frozenset[tuple[str, str]]) -> list[Made]:
    """“500 g” as amount and unit; the cell itself is kept as the name of the sales unit, so that it can be written back."""
    mark = _DECIMALS[guess.reading.options.get("mark", "comma")]
    amount = call(mark, call("fn:match", cell, pattern=rf"{NUMBER}\s*[^0-9\s]+$"), severity="warning")
    word = call("fn:match", cell, pattern=r"([^0-9\s.]+)\.?$")
    unit = call(
        "fn:lookup", word, scheme="https://w3id.org/datahub/ns/units", property="dh:ofnCode label", severity="warning"
    )
    found = []
    note = Text("taken out of the cell; not written back from here", "extrait de la cellule ; ne se réécrit pas d'ici")
    if ("quantity", "dfc-b:value") not in taken:
        found.append(Made("dfc-b:value", amount, note, node="quantity"))
    if ("quantity", "dfc-b:hasUnit") not in taken:
        found.append(Made("dfc-b:hasUnit", with_type(unit, "rml:termType rml:IRI"), note, node="quantity"))
    if ("record", "dhf:variantUnitName") not in taken:
        found.append(Made("dhf:variantUnitName", cell, node="record"))
    return found


def _both(guess: Guess, cell: str) -> list[Made]:
    """Latitude and longitude out of one cell."""
    assert guess.slot is not None
    separator = guess.reading.options.get("separator", ",")
    prefix = guess.slot.predicate.partition(":")[0]
    note = Text("one half of the cell; not written back", "une moitié de la cellule ; ne se réécrit pas")
    return [
        Made(f"{prefix}:{name}", call("fn:decimal", call("fn:part", cell, separator=separator, index=str(at))), note)
        for at, name in enumerate(("latitude", "longitude"))
    ]


def _answered(guess: Guess, cell: str) -> Made:
    """A yes (and a no) that stands for a concept."""
    slot, options = guess.slot, guess.reading.options
    assert slot is not None
    assert slot.yes is not None
    pairs = [f"{word}={expand(slot.yes)}" for word in options.get("true", "oui|1").split("|")]
    if slot.no:
        pairs += [f"{word}={expand(slot.no)}" for word in options.get("false", "non|0").split("|")]
    value = with_type(call("fn:recode", cell, pairs="|".join(pairs)), "rml:termType rml:IRI")
    if not slot.no:
        words = options.get("true", "oui|1")
        condition = call("fn:in", cell, list=words)
        value = with_type(value, f"\n        rml:condition {condition}")
    return Made(slot.predicate, value)


def _recoded_answers(guess: Guess, cell: str) -> Made:
    options = guess.reading.options
    assert guess.slot is not None
    answer = "https://w3id.org/datahub/ns/answers/"
    pairs = [f"{word}={answer}yes" for word in options["true"].split("|")]
    pairs += [f"{word}={answer}no" for word in options["false"].split("|")]
    return Made(guess.slot.predicate, with_type(call("fn:recode", cell, pairs="|".join(pairs)), "rml:termType rml:IRI"))


def _listed(guess: Guess, cell: str) -> list[Made]:
    """A code list: looked up where the vocabulary knows most values, else written out for the author to complete."""
    slot, found = guess.slot, guess.match
    assert slot is not None
    made = [Made(slot.beside, cell)] if slot.beside else []
    if found is None:
        found = ListMatch(slot.lists[0], "label")
    value = call("fn:split", cell, separator=found.separator) if found.separator else cell
    if not (found.found or found.near):
        stub = tuple(_meaning(each, None) for each in found.missing)
        return [*made, Made(slot.predicate, _looked_up(found, value), _unknown(len(stub)) if stub else None, stub)]
    pairs = _written({**found.found, **found.near})
    if found.share < _ENOUGH and pairs:
        stub = tuple(_meaning(each, found.near.get(each)) for each in (*found.near, *found.missing))
        todo = Text("complete the pairs value=concept:", "complétez les paires valeur=concept :")
        return [*made, Made(slot.predicate, _recoded(pairs, value), todo, stub)]
    missing = tuple(_meaning(each, None) for each in found.missing)
    note = _unknown(len(missing)) if missing else None
    few = _written(found.near)
    if not few or found.separator:
        near = tuple(_meaning(each, iri) for each, iri in found.near.items())
        note = _unknown(len(near) + len(missing)) if near or missing else None
        return [*made, Made(slot.predicate, _looked_up(found, value), note, (*near, *missing))]
    # Values that are nearly in the list are written out; all others are looked up, those to come as well.
    inside = call("fn:in", cell, list="|".join(few))
    outside = call("fn:not", inside)
    looked_up = with_type(_looked_up(found, value), f"\n        rml:condition {outside}")
    written_out = with_type(_recoded(few, value), f"\n        rml:condition {inside}")
    stub = tuple(_meaning(each, iri) for each, iri in found.near.items())
    nearly = Text("these are taken for:", "ceux-ci sont pris pour :")
    return [
        *made,
        Made(slot.predicate, looked_up, note, missing),
        Made(slot.predicate, written_out, nearly, stub),
    ]


def _looked_up(found: ListMatch, value: str) -> str:
    scheme = found.scheme if found.scheme.startswith("dh:") else f"https://w3id.org/datahub/ns/{found.scheme}"
    read = call("fn:lookup", value, scheme=scheme, property=found.notation, severity="warning")
    return with_type(read, "rml:termType rml:IRI")


def _written(pairs: Mapping[str, str]) -> dict[str, str]:
    """Those that the list of a recode lens can hold."""
    return {value: iri for value, iri in pairs.items() if not set("|=") & set(value)}


def _recoded(pairs: Mapping[str, str], value: str) -> str:
    listed = "|".join(f"{each}={iri}" for each, iri in pairs.items())
    return with_type(call("fn:recode", value, pairs=listed, severity="warning"), "rml:termType rml:IRI")


def _meaning(value: str, iri: str | None) -> Text:
    """“value = concept”, with the label of the concept."""
    if iri is None:
        return Text(f"{quoted(value)} = ?", f"{quoted(value)} = ?")
    known = vocabulary()
    return Text(*(f"{quoted(value)} = {iri} ({known.label(iri, lang)})" for lang in ("en", "fr")))


def _unknown(count: int) -> Text:
    if count == 1:
        return Text("one value is not in the list:", "une valeur n'est pas dans la liste :")
    return Text(f"{count} values are not in the list:", f"{count} valeurs ne sont pas dans la liste :")
