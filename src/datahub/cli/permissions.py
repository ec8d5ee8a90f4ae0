"""Options that allow a bare mapping to reach more than the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from datahub.cli.words import UsageError, both
from datahub.i18n import Text

if TYPE_CHECKING:
    from datahub.sources.access import Access

Databases = Annotated[
    list[str] | None,
    typer.Option(
        "--database",
        metavar="[NAME=]URL",
        envvar="DATAHUB_LIFT_DATABASE",
        help=both(
            "Connection for the tables and queries of the mapping: postgresql://… or sqlite:///…; NAME is that of the database "
            "in the mapping. May be repeated.",
            "Connexion pour les tables et requêtes du mapping : postgresql://… ou sqlite:///… ; NAME est le nom de la base "
            "dans le mapping. Répétable.",
        ),
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust-mapping",
        help=both(
            "Use the database connections that the mapping itself states: only for mappings of your own.",
            "Utiliser les connexions de base de données indiquées par le mapping : seulement pour vos propres mappings.",
        ),
    ),
]
Hosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST",
        help=both(
            "Let the mapping read https addresses of this host; * for any public one. May be repeated.",
            "Laisser le mapping lire des adresses https de cet hôte ; * pour tout hôte public. Répétable.",
        ),
    ),
]
Private = Annotated[
    bool,
    typer.Option(
        "--allow-private",
        help=both(
            "With --allow-host: also http, and addresses of this machine and its network.",
            "Avec --allow-host : aussi http, et les adresses de cette machine et de son réseau.",
        ),
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help=both("Write nothing when a value can't be read.", "Ne rien écrire quand une valeur ne peut être lue."),
    ),
]


def access(databases: list[str] | None, trust: bool, hosts: list[str] | None, private: bool) -> Access:
    """What the options allow. Raises `UsageError` ``allow-private-alone``."""
    from datahub.sources.access import Access, Egress

    if private and not hosts:
        raise UsageError(
            "allow-private-alone",
            Text("--allow-private needs --allow-host HOST.", "--allow-private demande --allow-host HOST."),
        )
    named: dict[str, str] = {}
    for given in databases or ():
        name, found, url = given.partition("=")
        plain = not found or ":" in name  # the = belongs to the URL
        named["" if plain else name] = given if plain else url
    chosen = None if "*" in (hosts or ()) else frozenset(host.lower() for host in hosts or ())
    return Access(named, trust, Egress(hosts=chosen, private=private) if hosts else None)


def refuse(trust: bool, hosts: list[str] | None, private: bool) -> None:
    """Raises `UsageError` ``mapping-alone`` where a connector is given what only a bare mapping may be allowed."""
    if trust or hosts or private:
        raise UsageError(
            "mapping-alone",
            Text(
                "--trust-mapping, --allow-host and --allow-private go with --mapping: a connector reads only the given file.",
                "--trust-mapping, --allow-host et --allow-private vont avec --mapping : un connecteur ne lit que le fichier donné.",
            ),
        )
