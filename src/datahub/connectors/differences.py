"""How a file differs from a format that it is said to be in, the most telling first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datahub.connectors.authoring.models import meanings
from datahub.connectors.authoring.words import likeness, tokens
from datahub.connectors.codes import folded
from datahub.connectors.definition import Variant
from datahub.connectors.look import FORMS, Look, called, cells, header, records
from datahub.i18n import Text

FORM_OF_KIND = {
    "csv": ("csv", "sheet"),
    "json": ("json", "zip"),
    "geojson": ("json",),
    "gtfs": ("zip",),
    "rdf": ("rdf", "json"),
    "xml": ("xml",),
}
_DELIMITERS = {
    ";": Text("semicolons", "des points-virgules"),
    ",": Text("commas", "des virgules"),
    "\t": Text("tabs", "des tabulations"),
    "|": Text("vertical bars", "des barres verticales"),
}
_MISREAD = {
    "mac_roman": Text("Mac Roman", "Mac Roman"),
    "cp850": Text("DOS (code page 850)", "DOS (page de code 850)"),
    "utf-8": Text("UTF-8 that was converted twice", "de l'UTF-8 converti deux fois"),
}
"""Encodings that are taken for Windows-1252 by mistake."""
_NEAR = 0.6
_SAME = 0.9
"""How near words are that the vocabulary has for the same property."""
_LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """One difference. ``kind``: form, delimiter, sheet, header, encoding, renamed, missing, version or member. ``fix``: what to do
    with the file, where that is plain."""

    kind: str
    told: Text
    fix: Text | None = None


def lacking(seen: Look, variant: Variant) -> list[str]:
    """The required columns or signs of ``variant`` that the file lacks; its form is right."""
    if seen.form in ("csv", "sheet"):
        names = {folded(name) for name in header(seen, variant)[1]}
        return [column.name for column in variant.fields if column.required and not names & called(column)]
    if seen.form == "zip" and variant.kind == "json" and ".json" not in seen.names:
        return [".json"]
    if seen.form == "rdf":
        return []
    return [sign for sign in variant.signs if not set(sign.split("|")) & seen.names]


def fits(seen: Look, variant: Variant) -> bool:
    """Whether the file may be in the format of ``variant``."""
    return seen.form in FORM_OF_KIND[variant.kind] and not lacking(seen, variant)


def differences(seen: Look, variant: Variant) -> list[Difference]:
    """Why the file is not in the format of ``variant``, the most telling first; empty where it may be."""
    allowed = FORM_OF_KIND[variant.kind]
    if seen.form not in allowed:
        is_, should = FORMS[seen.form], FORMS[allowed[0]]
        return [Difference("form", Text(f"it is {is_.en}, not {should.en}", f"c'est {is_.fr}, pas {should.fr}"))]
    absent = lacking(seen, variant)
    if not absent:
        return []
    if seen.form not in ("csv", "sheet"):
        return [_member(sign, seen) for sign in absent]
    laid_out, names = _laid_out(seen, variant)
    known = {folded(name) for name in names}
    strange = [name for name in names if name and not any(folded(name) in called(column) for column in variant.fields)]
    left = [column for column in variant.fields if column.required and not known & called(column)]
    found: list[Difference] = []
    lost: list[Difference] = []
    for column in left:
        misread = _misread(column.name, strange)
        if misread is not None:
            found.append(misread[1])
            strange.remove(misread[0])
        elif near := _likely(column.name, (column.title.en, column.title.fr) if column.title else (), strange):
            strange.remove(near)
            found.append(_renamed(near, column.name))
        else:
            lost.append(_missing(column.name))
    encodings = [each for each in found if each.kind == "encoding"][:1]
    renamed = [each for each in found if each.kind == "renamed"]
    unknown = [_unknown(strange)] if strange and (lost or renamed) else []
    return [*laid_out, *encodings, *renamed, *lost, *unknown]


def known(seen: Look, variant: Variant) -> int:
    """How many of the columns or signs of ``variant`` the file has."""
    if seen.form in ("csv", "sheet") and variant.kind == "csv":
        return _count(header(seen, variant)[1], variant)
    return sum(bool(set(sign.split("|")) & seen.names) for sign in variant.signs)


def _count(names: Iterable[str], variant: Variant) -> int:
    present = {folded(name) for name in names}
    return sum(bool(present & called(column)) for column in variant.fields)


def _laid_out(seen: Look, variant: Variant) -> tuple[list[Difference], tuple[str, ...]]:
    """Where the names stand, when it is not where the format has them: another delimiter, another line, another sheet."""
    dialect = variant.dialect
    _, names = header(seen, variant)
    best: tuple[int, list[Difference], tuple[str, ...]] = (_count(names, variant), [], names)
    if seen.form == "sheet":
        for sheet, rows in seen.sheets.items():
            for at, row in enumerate(rows):
                count = _count(cells(row), variant)
                if count > best[0]:
                    own = variant.sheet or next(iter(seen.sheets))
                    told = [] if sheet == own else [_sheet(sheet, variant.sheet)]
                    best = (
                        count,
                        [*told, *([] if at == dialect.skip_rows else [_line(at, dialect.skip_rows)])],
                        cells(row),
                    )
        return best[1], best[2]
    for delimiter in (*dialect.delimiters, *(each for each in _DELIMITERS if each not in dialect.delimiters)):
        for at, row in enumerate(records(seen, delimiter, dialect.quote)):
            count = _count(row, variant)
            if count > best[0]:
                told = [] if delimiter in dialect.delimiters else [_delimiter(delimiter, dialect.delimiters)]
                lines = range(dialect.skip_rows, dialect.skip_rows + dialect.header_rows)
                best = (count, [*told, *([] if at in lines else [_line(at, dialect.skip_rows)])], row)
    if not best[0] and len(best[2]) == 1:  # no name is known, and there is but one: it may be cut elsewhere
        for delimiter in _DELIMITERS:
            row = next(iter(records(seen, delimiter, dialect.quote)), ())
            if delimiter not in dialect.delimiters and len(row) > 2:
                return [_delimiter(delimiter, dialect.delimiters)], row
    return best[1], best[2]


def _delimiter(found: str, wanted: Sequence[str]) -> Difference:
    is_, should = _DELIMITERS.get(found, Text(found, found)), _DELIMITERS.get(wanted[0], Text(wanted[0], wanted[0]))
    return Difference(
        "delimiter",
        Text(f"{is_.en} separate its columns, not {should.en}", f"{is_.fr} séparent ses colonnes, pas {should.fr}"),
        Text(f"Save it with {should.en} between the columns.", f"Enregistrez-le avec {should.fr} entre les colonnes."),
    )


def _sheet(found: str, wanted: str | None) -> Difference:
    should = Text(f"not “{wanted}”", f"pas « {wanted} »") if wanted else Text("not the first one", "pas la première")
    return Difference(
        "sheet",
        Text(
            f"its columns are in the sheet “{found}”, {should.en}",
            f"ses colonnes sont dans la feuille « {found} », {should.fr}",
        ),
        Text(
            f"Put the sheet “{found}” first." if not wanted else f"Call the sheet “{wanted}”.",
            f"Mettez la feuille « {found} » en premier." if not wanted else f"Nommez la feuille « {wanted} ».",
        ),
    )


def _line(found: int, wanted: int) -> Difference:
    return Difference(
        "header",
        Text(
            f"the names of its columns are in line {found + 1}, not {wanted + 1}",
            f"les noms de ses colonnes sont à la ligne {found + 1}, pas {wanted + 1}",
        ),
        Text("Remove the lines above the names.", "Supprimez les lignes au-dessus des noms.")
        if found > wanted
        else None,
    )


def _misread(wanted: str, strange: Sequence[str]) -> tuple[str, Difference] | None:
    """A name that is the wanted one read in a wrong encoding."""
    if wanted.isascii():
        return None
    for name in strange:
        for encoding, label in _MISREAD.items():
            try:
                meant = name.encode("cp1252").decode(encoding)
            except UnicodeError:
                continue
            if meant != name and folded(meant) == folded(wanted):
                return name, Difference(
                    "encoding",
                    Text(
                        f"its text is in another encoding, probably {label.en}: “{name}” for “{wanted}”",
                        f"son texte est dans un autre encodage, sans doute {label.fr} : « {name} » pour « {wanted} »",
                    ),
                    Text("Save it again as UTF-8.", "Enregistrez-le à nouveau en UTF-8."),
                )
    return None


def _likely(wanted: str, titles: Sequence[str], strange: Sequence[str]) -> str | None:
    """The name that the wanted column probably has in the file."""
    best: tuple[float, str | None] = (_NEAR, None)
    for name in strange:
        for word in (wanted, *titles):
            alike = difflib.SequenceMatcher(None, folded(name), folded(word)).ratio()
            same = _SAME if meanings(name) & meanings(word) else 0.0
            score = max(alike, likeness(tokens(name), tokens(word), {}), same)
            if score > best[0]:
                best = (score, name)
    return best[1]


def _renamed(found: str, wanted: str) -> Difference:
    return Difference(
        "renamed",
        Text(
            f"its column “{found[:_LONGEST]}” is probably “{wanted}”",
            f"sa colonne « {found[:_LONGEST]} » est sans doute « {wanted} »",
        ),
        Text(f"Rename “{found[:_LONGEST]}” to “{wanted}”.", f"Renommez « {found[:_LONGEST]} » en « {wanted} »."),
    )


def _missing(name: str) -> Difference:
    return Difference("missing", Text(f"it has no column “{name}”", f"il n'a pas de colonne « {name} »"))


def _unknown(names: Sequence[str]) -> Difference:
    listed = ", ".join(name[:40] for name in names[:3])
    return Difference(
        "unknown",
        Text(
            f"it has columns that the format does not know ({listed})",
            f"il a des colonnes que le format ne connaît pas ({listed})",
        ),
    )


def _member(sign: str, seen: Look) -> Difference:
    shown = sign.partition("|")[0]
    near = difflib.get_close_matches(shown, sorted(seen.names), 1, 0.7)
    if near:
        return Difference(
            "renamed",
            Text(f"“{near[0]}” is probably “{shown}”", f"« {near[0]} » est sans doute « {shown} »"),
        )
    return Difference("member", Text(f"“{shown}” does not occur in it", f"« {shown} » n'y figure pas"))
