"""The beginning of a connector package for a CSV file: what can be told from its header, and what its author has left to decide."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import yaml

from datahub.connectors.codes import folded
from datahub.connectors.definition import FILE
from datahub.connectors.recognise import look
from datahub.errors import ConflictError, InputError
from datahub.i18n import Text
from datahub.profiles.namespaces import compact, prefixes
from datahub.profiles.profile import profile as find_profile
from datahub.profiles.vocabulary import vocabulary

_DELIMITERS = (",", ";", "\t")
_CLASSES = {"food": "dfc-b:SuppliedProduct", "mobility": "dhm:MeetingPoint", "hospitality": "dhh:HospitalityOffer"}
_PREFERRED = {
    "food": ("dfc-b", "dhf"),
    "mobility": ("schema", "dhm", "dct", "dh"),
    "hospitality": ("schema", "dhh", "dct", "dh"),
}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEYS = re.compile(r"^(id|identifiant|identifier|ref|reference|sku|code|uuid)\b")


def scaffold(name: str, sample: Path, into: Path, profile: str) -> Path:
    """A new package ``into/name`` for files such as ``sample``: definition, mapping and the sample itself.

    Columns whose name is a label of the profile's vocabulary are mapped to that property; the others stand in the mapping as
    comments. The author corrects both, then writes the expected results with `datahub.connectors.check.record`.

    Raises:
        InputError: ``name-unusable``, or ``not-csv`` where the sample has no header. ConflictError: the folder is there already.
        NotFoundError: there is no such profile.
    """
    find_profile(profile)
    if not _NAME.fullmatch(name):
        raise InputError(
            "name-unusable",
            Text(f"“{name}” can't name a connector.", f"« {name} » ne peut nommer un connecteur."),
            Text(
                "Use small letters, digits and hyphens: panier-local.",
                "Utilisez minuscules, chiffres et tirets : panier-local.",
            ),
        )
    folder = into / name
    if folder.exists():
        raise ConflictError(
            "folder-exists", Text(f"The folder {folder} is there already.", f"Le dossier {folder} existe déjà.")
        )
    delimiter, columns = _header(sample)
    found = {column: _property(column, profile) for column in columns}
    (folder / "samples").mkdir(parents=True)
    key = next((column for column in columns if _KEYS.match(folded(column))), columns[0])
    (folder / FILE).write_text(_definition(name, profile, delimiter, columns, key), "utf-8")
    (folder / "mapping.ttl").write_text(_mapping(name, profile, {**found, key: "dct:identifier"}), "utf-8")
    (folder / "samples" / sample.name).write_bytes(sample.read_bytes())
    return folder


def _header(sample: Path) -> tuple[str, list[str]]:
    seen = look(sample)
    if seen.form == "sheet":
        return ",", sorted(seen.names)
    first = seen.lines[0] if seen.form == "csv" and seen.lines else ""
    splits = [(next(csv.reader(io.StringIO(first), delimiter=each), []), each) for each in _DELIMITERS]
    cells, delimiter = max(splits, key=lambda split: len(split[0]))
    columns = [" ".join(cell.split()) for cell in cells if cell.strip()]
    if not columns or len(set(columns)) < len(columns):
        raise InputError(
            "not-csv",
            Text(
                "The first line of the sample does not name its columns.",
                "La première ligne de l'exemple ne nomme pas ses colonnes.",
            ),
            Text("Give a CSV file with a header.", "Donnez un fichier CSV avec un en-tête."),
        )
    return delimiter, columns


def _property(column: str, profile: str) -> str | None:
    """The property that ``column`` is called after, as a compact IRI."""
    wanted, best = folded(column.replace("_", " ")), None
    for term in vocabulary():
        words = {folded(label) for label in term.labels.values()} | {
            folded(each) for alts in term.alt_labels.values() for each in alts
        }
        words.add(folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term.name)))
        if term.kind != "datatype-property" or wanted not in words:
            continue
        name = compact(term.iri)
        prefix = name.partition(":")[0]
        order = _PREFERRED[profile].index(prefix) if prefix in _PREFERRED[profile] else len(_PREFERRED[profile])
        if order < len(_PREFERRED[profile]) and (best is None or order < best[0]):
            best = (order, name)
    return best[1] if best else None


def _definition(name: str, profile: str, delimiter: str, columns: list[str], key: str) -> str:
    body = {
        "name": name,
        "title": {"en": name, "fr": name},
        "description": {"en": "To be written.", "fr": "À écrire."},
        "format": {"version": "?", "described": "?"},
        "profile": profile,
        "directions": ["in", "out"],
        "variants": [
            {
                "name": "main",
                "kind": "csv",
                "dialect": {"delimiters": [delimiter]},
                "columns": {column: {"required": column == key} for column in columns},
                "identifier": {"keys": [{"columns": [key]}]},
            }
        ],
    }
    text: str = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120)
    return text


def _mapping(name: str, profile: str, found: dict[str, str | None]) -> str:
    used = {"rml", "dh", "dct", _CLASSES[profile].partition(":")[0]}
    used |= {each.partition(":")[0] for each in found.values() if each}
    spaces = {"rml": "http://w3id.org/rml/", **prefixes()}
    lines = [f"@base <https://w3id.org/datahub/connectors/{name}/> .", ""]
    lines[1:1] = [f"@prefix {prefix}: <{spaces[prefix]}> ." for prefix in sorted(used)]
    lines += [
        "<#source> a rml:LogicalSource ;",
        '    rml:source "data.csv" ;',
        "    rml:referenceFormulation rml:CSV .",
        "",
        *(f"# No property was found for the column “{column}”." for column, each in found.items() if not each),
        "<#record> a rml:TriplesMap ;",
        "    dh:recordMap true ;",
        "    rml:logicalSource <#source> ;",
        f'    rml:subjectMap [ rml:template "records/{{_key}}" ; rml:class {_CLASSES[profile]} ] ;',
    ]
    values = [(each, column) for column, each in found.items() if each]
    quoted = [(each, column.replace("\\", "\\\\").replace('"', '\\"')) for each, column in values]
    maps = [
        f'    rml:predicateObjectMap [ rml:predicate {each} ; rml:objectMap [ rml:reference "{column}" ] ]'
        for each, column in quoted
    ]
    return "\n".join(lines) + "\n" + " ;\n".join(maps) + " .\n"
