"""Lenses on plain text."""

from __future__ import annotations

import polars as pl

from datahub.i18n import Text
from datahub.mapping import iri
from datahub.mapping.lenses.lens import INTEGER, VALUE, Arguments, Lens, fixed, optional


def _same(cell: pl.Expr, _: Arguments) -> pl.Expr:
    return cell


def _take_off(text: pl.Expr, a: Arguments) -> pl.Expr:
    prefix, suffix = a.text("prefix"), a.text("suffix")
    fits = (
        text.str.starts_with(prefix)
        & text.str.ends_with(suffix)
        & (text.str.len_bytes() >= len(prefix.encode()) + len(suffix.encode()))
    )
    return pl.when(fits).then(text.str.strip_prefix(prefix).str.strip_suffix(suffix))


def _put_around(a: Arguments) -> pl.Expr:
    return pl.concat_str([pl.lit(a.text("prefix")), a.column(), pl.lit(a.text("suffix"))])


def _without(a: Arguments) -> pl.Expr:
    text = a.column().str.strip_prefix(a.text("prefix")).str.strip_suffix(a.text("suffix")).str.strip_chars()
    return pl.when(text != "").then(text)


def _put_back(text: pl.Expr, a: Arguments) -> pl.Expr:
    return pl.concat_str([pl.lit(a.text("prefix")), text, pl.lit(a.text("suffix"))])


def slug_text(text: pl.Expr) -> pl.Expr:
    """``text`` in lower-case letters (ASCII where there are any), digits and single hyphens; null where nothing is left."""
    # Lower case after decomposition: some letters decompose into capitals. And once more: some lower into letter and mark.
    folded = (
        text.str.normalize("NFKD")
        .str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_many(["œ", "æ", "ß", "ø", "đ", "ł", "&"], ["oe", "ae", "ss", "o", "d", "l", " et "])
    )
    short = folded.str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")
    # Names in other scripts keep their letters.
    other = folded.str.replace_all(r"[^\p{L}\p{N}]+", "-").str.strip_chars("-")
    return pl.when(short != "").then(short).when(other != "").then(other)


def _slug(a: Arguments) -> pl.Expr:
    return pl.concat_str([pl.lit(a.text("prefix")), slug_text(a.column()), pl.lit(a.text("suffix"))])


def _concat(a: Arguments) -> pl.Expr:
    parts = a.present("value", "value2", "value3")
    joined = pl.concat_str(parts, separator=a.text("separator"), ignore_nulls=True)
    return pl.when(pl.any_horizontal([part.is_not_null() for part in parts])).then(joined)


def _part(a: Arguments) -> pl.Expr:
    index = int(a.text("index"))
    part = a.column().str.split(a.text("separator")).list.get(index, null_on_oob=True).str.strip_chars()
    return pl.when(part != "").then(part)


def _split(a: Arguments) -> pl.Expr:
    parts = a.column().str.split(a.text("separator")).list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(pl.element() != ""))


TEXT = (
    Lens(
        "trim",
        (VALUE,),
        lambda a: a.column().str.strip_chars(),
        Text("The text without white space around it.", "Le texte sans espaces autour."),
        _same,
    ),
    Lens(
        "split",
        (VALUE, fixed("separator")),
        _split,
        Text(
            "The parts of a cell as several values, each trimmed; joined again in order.",
            "Les parties d'une cellule comme plusieurs valeurs, sans espaces autour ; rejointes dans l'ordre.",
        ),
        _same,
        several=True,
    ),
    Lens(
        "prefix",
        (VALUE, fixed("prefix", ""), fixed("suffix", "")),
        _put_around,
        Text("The text with a prefix and a suffix.", "Le texte avec un préfixe et un suffixe."),
        _take_off,
    ),
    Lens(
        "without",
        (VALUE, fixed("prefix", ""), fixed("suffix", "")),
        _without,
        Text(
            "The text without a prefix and a suffix, such as a unit or a currency sign; they are written back.",
            "Le texte sans un préfixe et un suffixe, comme une unité ou un signe de monnaie ; ils sont réécrits.",
        ),
        _put_back,
    ),
    Lens(
        "iriSafe",
        (VALUE,),
        lambda a: iri.encode(a.column()),
        Text("Percent-encoded as in IRI templates.", "Encodé en pour-cent comme dans les modèles d'IRI."),
        lambda text, _: iri.decode(text),
    ),
    Lens(
        "default",
        (VALUE, fixed("otherwise")),
        lambda a: a.column().fill_null(a.text("otherwise")),
        Text("A fixed value where the cell is empty.", "Une valeur fixe quand la cellule est vide."),
        _same,
    ),
    Lens(
        "slug",
        (VALUE, fixed("prefix", ""), fixed("suffix", "")),
        _slug,
        Text(
            "Lower-case letters, digits and hyphens, for readable IRIs; several texts may give one slug.",
            "Minuscules, chiffres et tirets, pour des IRI lisibles ; plusieurs textes peuvent donner le même.",
        ),
        partial=True,
        unreadable=Text(
            "“{value}” has no letter or digit to make a name of.",
            "« {value} » n'a ni lettre ni chiffre pour en faire un nom.",
        ),
    ),
    Lens(
        "first",
        (VALUE, optional("value2"), optional("value3")),
        lambda a: pl.coalesce(a.present("value", "value2", "value3")),
        Text("The first input that is there.", "La première entrée présente."),
    ),
    Lens(
        "concat",
        (VALUE, optional("value2"), optional("value3"), fixed("separator", "")),
        _concat,
        Text("The inputs joined, empty ones left out.", "Les entrées jointes, sans celles qui sont vides."),
    ),
    Lens(
        "part",
        (VALUE, fixed("separator"), fixed("index")),
        _part,
        Text(
            "One part of a split cell, counted from 0, or from the end with -1.",
            "Une partie d'une cellule découpée, comptée depuis 0, ou depuis la fin avec -1.",
        ),
    ),
    Lens(
        "upper",
        (VALUE,),
        lambda a: a.column().str.to_uppercase(),
        Text("In upper case.", "En majuscules."),
    ),
    Lens(
        "lower",
        (VALUE,),
        lambda a: a.column().str.to_lowercase(),
        Text("In lower case.", "En minuscules."),
    ),
    Lens(
        "length",
        (VALUE,),
        lambda a: a.column().str.len_chars().cast(pl.String),
        Text("The number of characters.", "Le nombre de caractères."),
        datatype=INTEGER,
    ),
    Lens(
        "replace",
        (VALUE, fixed("find"), fixed("with")),
        lambda a: a.column().str.replace_all(a.text("find"), a.text("with"), literal=True),
        Text("Every occurrence of a text replaced.", "Chaque occurrence d'un texte remplacée."),
    ),
    Lens(
        "match",
        (VALUE, fixed("pattern")),
        lambda a: a.column().str.extract(a.text("pattern"), 1),
        Text(
            "The first group of a regular expression; nothing where it does not match.",
            "Le premier groupe d'une expression régulière ; rien quand elle ne correspond pas.",
        ),
    ),
)
