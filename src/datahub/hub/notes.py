"""What the hub itself has to say of a push: requests that make no sense, and findings of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from datahub.errors import ConflictError, DatahubError, InputError
from datahub.findings import conform, findings
from datahub.hub.datasets import Dataset
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
            "If that is meant, confirm the deletions; if the file is only a part, push it as a delta.",
            "Si c'est voulu, confirmez les suppressions ; si le fichier n'est qu'une partie, envoyez-le en mode delta.",
        ),
    )


def as_finding(error: DatahubError) -> pl.DataFrame:
    """An error as a finding of the report of a dry run."""
    fix = error.fix or Text("", "")
    row = {"severity": "violation", "code": error.code, "rule": error.code}
    texts = {"message_en": error.message.en, "message_fr": error.message.fr, "fix_en": fix.en, "fix_fr": fix.fr}
    return findings([{**row, **texts}])


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
