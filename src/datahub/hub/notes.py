"""What the hub itself has to say of a push: requests that make no sense, and findings of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from datahub.errors import ConflictError, DatahubError, InputError
from datahub.findings import conform, findings
from datahub.hub.datasets import Dataset
from datahub.hub.report import PushReport
from datahub.i18n import Text

MODES = ("snapshot", "delta")


def check_request(dataset: Dataset, data: bytes | Path | None, mode: str, deletions: Sequence[str]) -> None:
    """Raises InputError or ConflictError where a push can't be meant like this."""
    if dataset.withdrawn:
        raise ConflictError(
            "dataset-withdrawn",
            Text("The dataset “{id}” was withdrawn.", "Le jeu de données « {id} » a été retiré.").format(id=dataset.id),
            Text("Publish under a new name.", "Publiez sous un nouveau nom."),
        )
    if mode not in MODES:
        raise InputError(
            "push-mode",
            Text("“{mode}” is not a mode of pushing.", "« {mode} » n'est pas un mode d'envoi.").format(mode=mode),
            Text("Choose snapshot or delta.", "Choisissez snapshot ou delta."),
        )
    if deletions and mode != "delta":
        raise InputError(
            "push-deletions",
            Text("Only a delta names deletions.", "Seul un envoi delta nomme des suppressions."),
            Text("A snapshot deletes what it leaves out.", "Un envoi complet supprime ce qu'il ne contient plus."),
        )
    if data is None and not deletions:
        raise InputError("empty", Text("Nothing was sent.", "Rien n'a été envoyé."))


def too_many_deletions(deleted: int, standing: int, empty: bool) -> ConflictError:
    """The error for a snapshot that looks like a mistake."""
    what = (
        Text("is empty", "est vide")
        if empty
        else Text("lacks much of the dataset", "ne contient plus une grande part du jeu")
    )
    return ConflictError(
        "too-many-deletions",
        Text(
            f"The snapshot {what.en}: it would delete {deleted} of {standing} records.",
            f"L'envoi complet {what.fr} : il supprimerait {deleted} fiches sur {standing}.",
        ),
        Text(
            "If that is meant, confirm the deletions (--allow-deletions, allow_deletions=true); "
            "if the file is only a part, push it as a delta.",
            "Si c'est voulu, confirmez les suppressions (--allow-deletions, allow_deletions=true) ; "
            "si le fichier n'est qu'une partie, envoyez-le en mode delta.",
        ),
    )


def as_finding(error: DatahubError) -> pl.DataFrame:
    """An error as a finding of the report of a dry run."""
    fix = error.fix or Text("", "")
    row = {"severity": "violation", "code": error.code, "rule": error.code}
    texts = {"message_en": error.message.en, "message_fr": error.message.fr, "fix_en": fix.en, "fix_fr": fix.fr}
    return findings([{**row, **texts}])


def push_repeated(last: PushReport) -> pl.DataFrame:
    """The file is that of the push ``last``, which need not have read it either."""
    read = next((finding.value for finding in last.findings if finding.code == "push-repeated"), last.id)
    row = {"severity": "info", "code": "push-repeated", "rule": "push-repeated", "value": read}
    texts = Text(
        "The file is the same, byte for byte, and neither its format nor the rules have changed since the last push: it was not"
        " read again, and what is said here was found then.",
        "Le fichier est le même, octet pour octet, et ni son format ni les règles n'ont changé depuis le dernier envoi : il n'a pas"
        " été relu, et ce qui est dit ici a été trouvé alors.",
    )
    return findings([{**row, "message_en": texts.en, "message_fr": texts.fr}])


def kept_records(kept: pl.Series) -> pl.DataFrame:
    """Refused records whose earlier version stays."""
    return conform(
        kept.alias("record").to_frame(),
        severity="info",
        code="record-kept",
        rule="record-kept",
        message_en="The record was refused, so its last good version stays.",
        message_fr="La fiche a été refusée ; sa dernière version valable reste en place.",
    )


def unknown_deletions(unknown: pl.Series) -> pl.DataFrame:
    """Deletions of records that do not stand."""
    return conform(
        unknown.alias("record").to_frame().with_columns(pl.col("record").alias("value")),
        severity="info",
        code="deletion-unknown",
        rule="deletion-unknown",
        message_en="There is no such record to delete.",
        message_fr="Il n'y a pas de fiche de ce nom à supprimer.",
    )


def refused_with_others(records: pl.Series) -> pl.DataFrame:
    """Records that are refused because of others of the same delivery that are."""
    return conform(
        records.alias("record").to_frame().sort("record"),
        severity="info",
        code="refused-with-others",
        rule="refused-with-others",
        message_en="The record depends on others of this delivery that were refused; with them it would be accepted.",
        message_fr="La fiche dépend d'autres fiches de cet envoi qui ont été refusées ; avec elles, elle serait acceptée.",
        fix_en="Correct those first, then push again.",
        fix_fr="Corrigez d'abord celles-là, puis recommencez l'envoi.",
    )


def refusals_not_followed(rounds: int) -> pl.DataFrame:
    """The chain of records that depend on refused ones is too long to be followed to its end."""
    texts = Text(
        "Of records that depend on one another in a chain, {rounds} were refused one after the other; those further along were"
        " judged as if the last of them had been taken.",
        "Parmi des fiches qui dépendent l'une de l'autre en chaîne, {rounds} ont été refusées de proche en proche ; les suivantes"
        " ont été jugées comme si la dernière avait été prise.",
    ).format(rounds=rounds)
    fix = Text(
        "Correct the refused records, then push again.", "Corrigez les fiches refusées, puis recommencez l'envoi."
    )
    row = {"severity": "warning", "code": "refusals-not-followed", "rule": "refusals-not-followed"}
    return findings([{**row, "message_en": texts.en, "message_fr": texts.fr, "fix_en": fix.en, "fix_fr": fix.fr}])
