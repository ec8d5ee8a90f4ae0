"""``datahub push``: a delivery to the local hub, or to a hub elsewhere over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs
from datahub.cli.console import Progress
from datahub.cli.failures import NO
from datahub.cli.options import AsJson, DataDir, content
from datahub.cli.words import UsageError, both, lang, say
from datahub.errors import ConflictError, DatahubError, ForbiddenError, InputError, NotFoundError
from datahub.i18n import Text

if TYPE_CHECKING:
    import httpx

    from datahub.hub import PushReport

CHUNK = 1 << 18


def push(
    *,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help=both("The file to read; - for standard input.", "Le fichier à lire ; - pour l'entrée standard."),
        ),
    ] = None,
    dataset: Annotated[
        str,
        typer.Option(help=both("Dataset that the file belongs to.", "Jeu de données auquel le fichier appartient.")),
    ],
    delta: Annotated[
        bool,
        typer.Option(
            "--delta",
            help=both(
                "The file holds only what changed; nothing is deleted because it is missing.",
                "Le fichier ne contient que ce qui a changé ; rien n'est supprimé pour cause d'absence.",
            ),
        ),
    ] = False,
    delete: Annotated[
        list[str] | None,
        typer.Option(
            "--delete",
            metavar="RECORD",
            help=both(
                "Withdraw this record, by its IRI or what follows the dataset's address in it. May be repeated; with FILE also "
                "needs --delta.",
                "Retirer cette fiche, par son IRI ou ce qui y suit l'adresse du jeu. Répétable ; avec FILE, demande aussi "
                "--delta.",
            ),
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=both("Only report; change nothing.", "Rapport seulement ; ne rien changer.")),
    ] = False,
    allow_deletions: Annotated[
        bool,
        typer.Option(
            "--allow-deletions",
            help=both(
                "Accept that much of what stands is missing from the file and gets deleted.",
                "Accepter qu'une grande part de l'existant, absente du fichier, soit supprimée.",
            ),
        ),
    ] = False,
    hub: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="DATAHUB_HUB",
            show_envvar=False,
            help=both(
                "Address of the hub (DATAHUB_HUB); by default the local one.",
                "Adresse du hub (DATAHUB_HUB) ; par défaut le hub local.",
            ),
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="K",
            envvar="DATAHUB_KEY",
            show_envvar=False,
            help=both("API key for that hub (DATAHUB_KEY).", "Clé d'API pour ce hub (DATAHUB_KEY)."),
        ),
    ] = None,
    timings: Annotated[
        bool,
        typer.Option(
            "--timings",
            help=both("Also tell what each stage took.", "Dire aussi ce que chaque étape a pris."),
        ),
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Pushes ``file`` and prints the report; exit code 1 where nothing of it was taken."""
    if file is None and not delete:
        raise UsageError(
            "file-missing",
            Text("There is nothing to push.", "Il n'y a rien à envoyer."),
            Text(
                "Name the file; or with --delete the records to withdraw.",
                "Nommez le fichier ; ou, avec --delete, les fiches à retirer.",
            ),
        )
    delivery = _Delivery(
        dataset=dataset,
        data=b"" if file is None else content(file),
        filename=None if file is None or str(file) == "-" else file.name,
        mode="delta" if delta or file is None else "snapshot",
        deletions=tuple(delete or ()),
        dry_run=dry_run,
        allow_deletions=allow_deletions,
    )
    with console.progress() as step:
        if hub is not None:
            report = _remote(hub, key, delivery, step)
        else:
            with hubs.opened(data_dir) as local:
                report = local.push(**asdict(delivery), lang=lang(), progress=step)
    if as_json:
        console.as_json(report.to_json())
    else:
        console.out(report.text(lang()))
    if timings and not as_json:  # the JSON has them anyway
        console.out("\n" + _timings(report))
    if report.status == "refused":
        raise typer.Exit(NO)


@dataclass(frozen=True)
class _Delivery:
    """What is pushed, by the names that `Hub.push` has for it."""

    dataset: str
    data: bytes | Path
    filename: str | None
    mode: str
    deletions: tuple[str, ...]
    dry_run: bool
    allow_deletions: bool


def _timings(report: PushReport) -> str:
    """Seconds of each stage, its share of the sum, and how many items went through. The graph is loaded beside the index."""
    from datahub.i18n import number

    whole = sum(stage.seconds for stage in report.stages) or 1.0
    rows = [
        (
            console.stage(stage.name),
            number(stage.seconds, lang(), ".2f"),
            number(stage.seconds / whole, lang(), ".0%"),
            number(stage.items, lang()),
        )
        for stage in report.stages
    ]
    headers = (say("stage", "étape"), say("seconds", "secondes"), say("share", "part"), say("items", "éléments"))
    return console.table(rows, headers)


def _remote(hub: str, key: str | None, delivery: _Delivery, step: Progress) -> PushReport:
    """Sends the file with ``POST /datasets/{id}/pushes`` and reads the report."""
    import httpx

    from datahub.hub import PushReport

    if key is None:
        raise UsageError(
            "key-missing",
            Text("A hub elsewhere wants an API key.", "Un hub distant demande une clé d'API."),
            Text("Give it with --key or DATAHUB_KEY.", "Donnez-la avec --key ou DATAHUB_KEY."),
        )
    data = delivery.data
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json",
        "Accept-Language": lang(),
        "Content-Length": str(size),
        "Content-Type": "application/octet-stream",
    }
    try:
        answer = httpx.post(
            f"{hub.rstrip('/')}/datasets/{delivery.dataset}/pushes",
            params={
                "mode": delivery.mode,
                "dry_run": delivery.dry_run,
                "allow_deletions": delivery.allow_deletions,
                "delete": list(delivery.deletions),
                **({"filename": delivery.filename} if delivery.filename else {}),
            },
            headers=headers,
            content=_chunks(data, size, step),
            timeout=httpx.Timeout(30, read=600),
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        raise InputError(
            "hub-unreachable",
            Text(f"The hub at {hub} does not answer.", f"Le hub {hub} ne répond pas."),
            Text(
                "Check the address and that the server runs; nothing may have been taken, so push again.",
                "Vérifiez l'adresse et que le serveur tourne ; rien n'a peut-être été pris, renvoyez donc le fichier.",
            ),
        ) from None
    if not answer.is_success:
        raise _problem(answer)
    known = {one.name for one in fields(PushReport)}
    try:
        return PushReport.from_json({name: value for name, value in answer.json().items() if name in known})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _not_a_report(answer) from None


def _chunks(data: bytes | Path, size: int, step: Progress) -> Iterator[bytes]:
    sent = 0
    if isinstance(data, bytes):
        for start in range(0, size, CHUNK):
            yield data[start : start + CHUNK]
            step("upload", min(start + CHUNK, size), size)
        return
    with data.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
            sent += len(chunk)
            step("upload", sent, size)


_KINDS: dict[int, type[DatahubError]] = {
    401: ForbiddenError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
}


def _problem(answer: httpx.Response) -> DatahubError:
    """The problem details of the hub (RFC 9457) as an error; they come in the language that was asked for."""
    try:
        details = answer.json()
        said = str(details.get("detail") or details["title"])
        code = str(details.get("code", "hub-refused"))
    except (ValueError, KeyError, AttributeError):
        return _not_a_report(answer)
    return _KINDS.get(answer.status_code, InputError)(code, Text(said, said))


def _not_a_report(answer: httpx.Response) -> InputError:
    return InputError(
        "hub-answer",
        Text(
            f"The answer (status {answer.status_code}) is not one that a datahub gives.",
            f"La réponse (statut {answer.status_code}) n'est pas celle d'un datahub.",
        ),
        Text(
            "Check the address of the hub, and that both run about the same version.",
            "Vérifiez l'adresse du hub, et que les deux ont à peu près la même version.",
        ),
    )
