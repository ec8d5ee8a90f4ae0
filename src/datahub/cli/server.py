"""``datahub serve|rebuild|demo``: the hub as a server, and its projections."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli import console, hubs
from datahub.cli.options import DataDir
from datahub.cli.words import UsageError, both, say
from datahub.i18n import Text

if TYPE_CHECKING:
    from datahub.hub import Hub
    from datahub.settings import Settings

Host = Annotated[
    str | None,
    typer.Option(help=both("Address to listen on; by default 127.0.0.1.", "Adresse d'écoute ; par défaut 127.0.0.1.")),
]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help=both("Port; by default 8000.", "Port ; par défaut 8000."))
]


def serve(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Serves the hub of the settings."""
    from datahub.hub import Hub

    settings = hubs.settings(host=host, port=port, data_dir=data_dir)
    _free(settings.host, settings.port)
    with Hub(settings, background=True) as hub:
        _listen(hub, settings)


def rebuild(data_dir: DataDir = None) -> None:
    """Recreates every projection from the log."""
    from datahub.i18n import number

    with hubs.opened(data_dir) as hub, console.progress() as step:
        done = hub.rebuild(step)
    console.out(
        say(
            f"{done.versions} versions read, projections made again in {number(done.seconds, 'en', '.1f')} s.",
            f"{done.versions} versions lues, projections refaites en {number(done.seconds, 'fr', '.1f')} s.",
        )
    )


def demo(
    host: Host = None,
    port: Port = None,
    exit_after_load: Annotated[
        bool,
        typer.Option(
            "--exit-after-load",
            help=both(
                "Stop once the samples are in; do not serve.",
                "S'arrêter une fois les exemples chargés ; ne pas servir.",
            ),
        ),
    ] = False,
) -> None:
    """Loads the samples of all connectors into a hub that is thrown away at the end, and serves it."""
    from datahub.hub import Hub
    from datahub.hub.demo import demo as load

    with tempfile.TemporaryDirectory(prefix="datahub-demo-") as folder:
        settings = hubs.settings(data_dir=Path(folder), host=host, port=port)
        settings = settings.model_copy(update={"log_url": None, "graph_url": None, "base_iri": address(settings)})
        if not exit_after_load:
            _free(settings.host, settings.port)
        with Hub(settings, background=not exit_after_load) as hub:
            with console.progress() as step:
                reports = load(hub, step)
            headers = (
                say("dataset", "jeu"),
                say("records", "fiches"),
                say("refused", "refusées"),
                say("state", "état"),
            )
            states = {
                "taken": say("taken", "pris"),
                "unchanged": say("unchanged", "inchangé"),
                "refused": say("refused", "refusé"),
            }
            rows = [(r.dataset, r.counts.created, r.counts.refused, states[r.status]) for r in reports]
            console.out(console.table(rows, headers))
            if not exit_after_load:
                _listen(hub, settings)


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the server; an IPv6 address stands in brackets (RFC 3986 section 3.2.2)."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _listen(hub: Hub, settings: Settings) -> None:
    import uvicorn

    from datahub.web import create_app

    console.note(
        say(
            f"The hub is on {settings.url} (Ctrl+C stops it).",
            f"Le hub est sur {settings.url} (Ctrl+C pour l'arrêter).",
        )
    )
    uvicorn.run(create_app(hub), host=settings.host, port=settings.port, log_level="warning")


def _free(host: str, port: int) -> None:
    """Raises `UsageError` where the port is taken: better before the work than after."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        raise UsageError(
            "port-taken",
            Text(
                f"Port {port} on {host} can't be used: it is taken, or the address is not of this machine.",
                f"Le port {port} de {host} est inutilisable : il est occupé, ou l'adresse n'est pas de cette machine.",
            ),
            Text("Choose another with --port.", "Choisissez-en un autre avec --port."),
        ) from None
