"""``datahub export``: a dataset as a file, in RDF, as a table, as places, or in a platform's own format."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs
from datahub.cli.convert import write_lowering
from datahub.cli.options import DataDir, Loss, Out
from datahub.cli.words import UsageError, both, lang
from datahub.i18n import Text

if TYPE_CHECKING:
    from datahub.hub import Dataset, Hub, Reader
    from datahub.rdf.frame import Frame
    from datahub.syndication.names import Names


class Form(StrEnum):
    """What a dataset can be written as without a connector."""

    nt = "nt"
    nq = "nq"
    ttl = "ttl"
    trig = "trig"
    jsonld = "jsonld"
    rdfxml = "rdfxml"
    csv = "csv"
    geojson = "geojson"


def export(
    dataset: Annotated[
        str,
        typer.Argument(metavar="DATASET", help=both("Identifier of the dataset.", "Identifiant du jeu de données.")),
    ],
    form: Annotated[Form | None, typer.Option("--format", help=both("What to write.", "Ce qu'il faut écrire."))] = None,
    connector: Annotated[
        str | None,
        typer.Option(
            help=both(
                "Write the native format of this connector instead.", "Écrire plutôt le format natif de ce connecteur."
            )
        ),
    ] = None,
    out: Out = None,
    loss: Loss = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--everything",
            help=both(
                "Also what is not public: personal data, members-only and private records.",
                "Aussi ce qui n'est pas public : données personnelles, fiches réservées ou privées.",
            ),
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Writes the standing records of a dataset of the local hub."""
    if (form is None) == (connector is None):
        raise UsageError(
            "format-or-connector", Text("Give either --format or --connector.", "Donnez --format ou bien --connector.")
        )
    from datahub.hub import ANONYMOUS, Reader

    reader = Reader(admin=True) if everything else ANONYMOUS
    with hubs.opened(data_dir) as hub:
        hub.datasets.get(dataset, reader)
        if connector is not None:
            write_lowering(hub.lower(dataset, connector, reader=reader), out, loss)
            return
        assert form is not None
        _write(hub, dataset, form, reader, out)


def _write(hub: Hub, dataset: str, form: Form, reader: Reader, out: Path | None) -> None:
    from datahub.rdf.formats import write_to

    with console.sink(out) as file, console.progress() as step:
        if form in (Form.nt, Form.nq):
            for number, frame in enumerate(hub.frames(dataset, reader=reader), 1):
                write_to(frame, form.value, file)
                step("export", number, 0)
            return
        frame = hub.frame(dataset, reader=reader)
        if form is Form.csv:
            file.write(_csv(frame))
        elif form is Form.geojson:
            file.write(_geojson(frame, hub.datasets.get(dataset, reader)))
        else:
            write_to(frame, form.value, file)


def _csv(frame: Frame) -> bytes:
    from datahub.syndication import fields, tabular

    return tabular.write(fields.of_records(frame), _names(), lang())


def _geojson(frame: Frame, dataset: Dataset) -> bytes:
    from datahub.syndication import fields, geojson

    source = {
        "id": dataset.iri,
        "title": dataset.title.to(lang()),
        "publisher": dataset.platform,
        "license": dataset.licence,
    }
    return geojson.write(fields.of_records(frame), _names(), lang(), {"license": dataset.licence, "sources": [source]})


def _names() -> Names:
    from datahub.profiles import vocabulary
    from datahub.syndication.names import Names

    return Names({term.iri: term.label for term in vocabulary()})
