"""The definition of a draft, ``connector.yaml``, with every guess marked as such."""

from __future__ import annotations

import json
import re

from datahub.connectors.authoring.drafting import Draft
from datahub.connectors.authoring.keys import Keys
from datahub.connectors.authoring.writing import GUESS, HEAD
from datahub.i18n import Lang, Text
from datahub.sources import json_write, jsonpath, xml_write

_PLAIN_YAML = re.compile(r"^[A-Za-zÀ-ÿ_][\wÀ-ÿ .'/()-]*[\wÀ-ÿ)]$|^[A-Za-z]$")
_LONG = 1000
"""YAML takes no longer simple keys than 1,024 characters."""
_YAML_WORDS = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})


def definition(name: str, draft: Draft, keys: Keys, lang: Lang) -> str:
    """``connector.yaml`` of the draft."""
    sample, guess = draft.sample, GUESS.to(lang)
    todo = Text("to be written", "à écrire").to(lang)
    lines = [
        f"# {HEAD.to(lang)}",
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
        f"directions: [{'in' if read_only(draft, keys) else 'in, out'}]",
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
    if sample.kind == "json" and read_only(draft, keys) is None:
        lines += ["    columns:", *_members(draft)]
    lines += ["    identifier:", "      keys:", f"        # {guess}: {keys.reason.to(lang)}"]
    for key in keys.keys:
        lines.append(f"        - columns: [{', '.join(_scalar(column) for column in key.columns)}]")
        if key.also:
            lines.append(f"          also: [{', '.join(_scalar(column) for column in key.also)}]")
        if key.made:
            lines.append("          made: true")
    return "\n".join(lines) + "\n"


def read_only(draft: Draft, keys: Keys) -> Text | None:
    """Why the mapping of the draft is not run backwards; None where it is."""
    sample = draft.sample
    # A key is written back from columns that the mapping reads.
    kept = {each.column.name for each in draft.guesses if each.kept}
    if keys.single is None and not all(column in kept for key in keys.keys for column in (*key.columns, *key.also)):
        return Text(
            "what records are known by is made of columns that are not read as a whole",
            "ce à quoi les fiches se reconnaissent est fait de colonnes qui ne sont pas lues en entier",
        )
    scattered = draft.parts.homes.values() if sample.kind == "geojson" else draft.parts.scattered(draft.model)
    if scattered:
        names = ", ".join(dict.fromkeys(sample.lists[path] for path in scattered))
        return Text(
            f"the items of “{names}” can't be put back into their records",
            f"les éléments de « {names} » ne peuvent être remis dans leurs fiches",
        )
    unwritable = _unwritable(draft)
    if unwritable:
        names = ", ".join(sample.titles[name] for name in unwritable)
        return Text(f"there is no place to write “{names}” to", f"il n'y a pas de place où écrire « {names} »")
    return None


def _unwritable(draft: Draft) -> list[str]:
    """The columns that the format has no place for, those in lists as they are called from the record."""
    sample, homes = draft.sample, draft.parts.homes
    plain: list[str] = []
    lists: dict[str, list[str]] = {}
    for guess in draft.guesses:
        if guess.slot is not None and guess.slot.node in homes:
            path = sample.item(homes[guess.slot.node]).removesuffix("/")
            lists.setdefault(path, []).append(draft.parts.inside(guess.slot.node, guess.column.name, sample))
        elif guess.slot is not None:
            plain.append(guess.column.name)
    if sample.kind == "xml":
        return xml_write.unwritable(sample.iterator or "/*", plain, lists, sample.spaces)
    return json_write.unwritable(sample.iterator or "$", plain, lists) if sample.kind == "json" else []


def _dialect(draft: Draft, lang: Lang) -> list[str]:
    dialect, guess = draft.sample.dialect, GUESS.to(lang)
    lines = ["    dialect:"]
    if draft.sample.sheet is not None:
        lines.insert(0, f"    sheet: {_scalar(draft.sample.sheet)}  # {guess}")
    if draft.sample.encoding == "xlsx":
        lines.append('      delimiters: [";", ","]')
    else:
        note = "" if draft.sample.encoding == "utf-8" else f"  # {_encoded(draft.sample.encoding).to(lang)}"
        lines.append(f"      delimiters: [{json.dumps(dialect.delimiters[0])}]{note}")
    if dialect.quote != '"':
        lines.append(f"      quote: {json.dumps(dialect.quote)}  # {guess}")
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
        lines.append(_entry(name, entry))
    return lines


def _members(draft: Draft) -> list[str]:
    """The members that are read, with how JSON writes their values."""
    unquoted = draft.sample.unquoted
    read = [guess.column.name for guess in draft.guesses if guess.slot]
    return [_entry(name, f"{{type: {unquoted[name]}}}" if name in unquoted else "{}") for name in read]


def _entry(name: str, value: str) -> str:
    """A column; YAML wants a question mark before a key that is very long."""
    key = _scalar(name)
    return f"      {key}: {value}" if len(key) < _LONG else f"      ? {key}\n      : {value}"


def _signs(draft: Draft) -> list[str]:
    """Members that every record of the sample has, as they are written: those that are read, if need be any."""
    names = ["FeatureCollection"] if draft.sample.kind == "geojson" else []
    plain = [guess for guess in draft.guesses if not guess.column.listed]  # a list may be empty
    whole = [guess for guess in plain if not draft.sample.table[guess.column.name].null_count()]
    # What is not read is not written, and a file that is written has to be known again.
    read = [guess for guess in whole if guess.slot] or [guess for guess in plain if guess.slot]
    for guess in read or (whole or plain or draft.guesses)[:1]:
        steps = _steps(draft.sample.kind, guess.column.name)
        if steps and steps[-1] not in names:
            names.append(steps[-1])
    return names[:4]


def _steps(kind: str, path: str) -> list[str]:
    """The names on the way to a value of a record."""
    if kind == "xml":
        return [step.removeprefix("@") for step in path.split("/") if "*" not in step]
    return [step.key for step in jsonpath.parse(path).steps if isinstance(step, jsonpath.Name)]


def _scalar(text: str) -> str:
    return text if _PLAIN_YAML.match(text) and text.lower() not in _YAML_WORDS else json.dumps(text, ensure_ascii=False)
