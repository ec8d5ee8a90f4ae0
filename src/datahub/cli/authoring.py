"""``datahub connectors new``: a draft of a package from a sample file, with its guesses."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datahub.cli import console, trial
from datahub.cli.options import AsJson
from datahub.cli.words import UsageError, both, lang, say
from datahub.i18n import Text, number

if TYPE_CHECKING:
    from datahub.connectors.authoring.drafting import Draft
    from datahub.connectors.authoring.guess import Column, Guess
    from datahub.connectors.authoring.models import Model, Slot
    from datahub.connectors.scaffold import Scaffold

SUGGESTED = 12
"""Columns for which it is told what they may be; of more, the names only."""


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("Name of the new connector.", "Nom du connecteur."))],
    sample: Annotated[Path, typer.Argument(metavar="SAMPLE", help=both("A sample file.", "Un fichier d'exemple."))],
    sector: Annotated[
        str | None,
        typer.Option(
            "--sector",
            "--profile",
            metavar="SECTOR",
            help=both(
                "Sector of the records: food, mobility, hospitality, core. Guessed by default.",
                "Secteur des fiches : food, mobility, hospitality, core. Deviné par défaut.",
            ),
        ),
    ] = None,
    record_class: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="CLASS",
            help=both(
                "Class of the records, as dfc-b:SuppliedProduct. Guessed by default.",
                "Classe des fiches, comme dfc-b:SuppliedProduct. Devinée par défaut.",
            ),
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="COLUMN=PROPERTY",
            help=both(
                "What a column is, by the name of a property; COLUMN= leaves it out. May be repeated.",
                "Ce qu'est une colonne, par le nom d'une propriété ; COLONNE= la laisse de côté. Peut se répéter.",
            ),
        ),
    ] = None,
    into: Annotated[
        Path, typer.Option(help=both("Folder of the packages.", "Dossier des paquets."), metavar="FOLDER")
    ] = Path("connectors"),
    as_json: AsJson = False,
) -> None:
    """Writes the folder of a new package, tells every guess, and what comes of the sample."""
    from datahub.connectors import connector
    from datahub.connectors.check import check
    from datahub.connectors.scaffold import scaffold

    said = dict(_pair(each) for each in column or ())
    made = scaffold(name, sample, into, sector, record_class, said, lang())
    one = connector(str(made.folder.resolve()))
    (result,) = check(one)
    if as_json:
        console.as_json({**_guessed(made), **trial.sample_of(result)})
        return
    _tell_draft(made)
    trial.tell_sample(result)
    shown = made.folder if made.folder.is_absolute() or str(into) == "connectors" else f"./{made.folder}"
    known = name if str(into) == "connectors" else shown
    console.out("")
    console.out(
        say(
            f"Written to {made.folder}: check the guesses in mapping.ttl and connector.yaml. Try again with:",
            f"Écrit dans {made.folder} : vérifiez les suppositions dans mapping.ttl et connector.yaml. Essayez ensuite :",
        )
    )
    console.out(f"    datahub connectors test {known}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, word = text.rpartition("=")
    if not sign:
        raise UsageError(
            "column-said",
            Text(f"“{text}” does not say what the column is.", f"« {text} » ne dit pas ce qu'est la colonne."),
            Text("Write --column COLUMN=PROPERTY.", "Écrivez --column COLONNE=PROPRIÉTÉ."),
        )
    return name.strip(), word.strip()


def _tell_draft(made: Scaffold) -> None:
    from datahub.profiles import profile
    from datahub.profiles.namespaces import expand
    from datahub.profiles.vocabulary import vocabulary

    draft = made.draft
    label = vocabulary().label(expand(draft.model.type), lang())
    sector = profile(draft.model.sector).title.to(lang())
    console.out(
        say(
            f"Guessed: the records are of the class “{label}” ({draft.model.type}), sector {sector.lower()}.",
            f"Supposé : les fiches sont de la classe « {label} » ({draft.model.type}), secteur {sector.lower()}.",
        )
    )
    if draft.doubtful:
        console.out(
            say(
                "That is doubtful: nothing here names or places the records for sure. Products, places, stops, offers, "
                "deliveries and enterprises can be drafted; a file of something else needs a mapping of its own (the how-to "
                "“Write a connector”).",
                "C'est douteux : rien ici ne nomme ni ne situe sûrement les fiches. On peut ébaucher produits, lieux, arrêts, "
                "offres, livraisons et entreprises ; un fichier d'autre chose demande son propre mapping (le guide « Écrire un "
                "connecteur »).",
            )
        )
    if draft.rivals:
        others = ", ".join(model.type for model in draft.rivals)
        console.out(say(f"If not, say --class: {others} …", f"Sinon, dites --class : {others} …"))
    for one in made.known[:1]:
        console.out(
            say(
                f"“{one.name}” ({one.title.en}) reads this file already: a new connector may not be needed.",
                f"« {one.name} » ({one.title.fr}) lit déjà ce fichier : il n'en faut peut-être pas de nouveau.",
            )
        )
    for note in draft.parts.notes(draft.model, draft.sample.lists):
        console.out(note.to(lang()))
    for note in draft.sample.notes:
        console.out(note.to(lang()))
    colon = say(":", " :")
    keys = [column for key in made.keys.keys[:1] for column in (*key.columns, *key.also)]
    names = ", ".join(draft.sample.titles.get(column, column) for column in keys)
    console.out(
        f"{say('Records are known by', 'Les fiches se reconnaissent à')} {names}{colon} {made.keys.reason.to(lang())}."
    )
    if made.read_only is not None:
        reason = made.read_only.to(lang())
        console.out(say(f"It only reads, it does not write: {reason}.", f"Il lit, mais n'écrit pas : {reason}."))
    console.out("")
    headers = (
        say("column", "colonne"),
        say("values", "valeurs"),
        say("property", "propriété"),
        say("sure", "sûr"),
        say("why", "pourquoi"),
    )
    rows = []
    for guess in draft.guesses:
        place = _place(guess)
        sure = number(guess.score, lang(), ".0%") if guess.slot else ""
        title = f"{guess.column.title} ({guess.column.language})" if guess.column.language else guess.column.title
        rows.append((title, guess.reading.name.to(lang()), place, sure, guess.reason.to(lang())))
    console.grid(rows, headers)
    _tell_left(draft)
    console.out("")


def _place(guess: Guess) -> str:
    if guess.slot is None:
        return say("(none)", "(aucune)")
    label = guess.slot.label.to(lang())
    if guess.reading.kind == "latlon":
        label = say("latitude and longitude", "latitude et longitude")
    return f"{label} ({guess.slot.predicate})"


def _suggested(column: Column, model: Model, filled: set[Slot]) -> str:
    """The properties that ``column`` may be, in words that can be said; where there is none, the classes that have one."""
    from datahub.connectors.authoring.models import models

    kind = column.readings[0].kind
    if kind == "empty":
        return say("empty in the sample", "vide dans l'exemple")
    free = [slot.label.to(lang()) for slot in model.slots if slot not in filled and column.may_fill(slot)]
    if free:
        return ", ".join(free)
    others = [each.type for each in models() if each is not model and any(kind in slot.reads for slot in each.slots)]
    if others:
        listed = ", ".join(others)
        return say(
            f"nothing of this class, but of --class {listed}",
            f"rien de cette classe, mais de --class {listed}",
        )
    return say("no property is known for this", "aucune propriété n'est connue pour cela")


def _tell_left(draft: Draft) -> None:
    """What to say about columns for which nothing was found, in words that can be said."""
    left = [guess.column for guess in draft.guesses if guess.slot is None and not guess.said]
    if not left:
        return
    filled = {guess.slot for guess in draft.guesses if guess.slot is not None}
    console.out("")
    console.out(
        say(
            f"Not read. If one matters, say what it is, for example --column “{left[0].title}=…”:",
            f"Non lues. Si l'une compte, dites ce que c'est, par exemple --column « {left[0].title}=… » :",
        )
    )
    for column in left[:SUGGESTED]:
        head = f"    {column.title}{say(':', ' :')} "
        told = _suggested(column, draft.model, filled)
        console.out(textwrap.fill(told, 116, initial_indent=head, subsequent_indent="        "))
    if more := list(dict.fromkeys(column.title for column in left[SUGGESTED:])):
        shown = say(f"and {len(more)} more: {', '.join(more)}", f"et {len(more)} autres : {', '.join(more)}")
        console.out(textwrap.fill(shown, 116, initial_indent="    ", subsequent_indent="        "))


def _guessed(made: Scaffold) -> dict[str, Any]:
    draft = made.draft
    return {
        "folder": str(made.folder),
        "sector": draft.model.sector,
        "class": draft.model.type,
        "doubtful": draft.doubtful,
        "rivals": [model.type for model in draft.rivals],
        "key": [column for key in made.keys.keys[:1] for column in (*key.columns, *key.also)],
        "known": [one.name for one in made.known],
        "read_only": made.read_only.to_json() if made.read_only else None,
        "notes": [note.to_json() for note in draft.sample.notes],
        "columns": [
            {
                "column": guess.column.name,
                "values": guess.reading.kind,
                "node": guess.slot.node if guess.slot else None,
                "property": guess.slot.predicate if guess.slot else None,
                "sure": guess.score,
                "reason": guess.reason.to_json(),
            }
            for guess in draft.guesses
        ],
    }
