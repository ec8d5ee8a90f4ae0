"""``datahub platform|dataset|key``: who publishes, what, and with which key."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from datahub.cli import console, hubs
from datahub.cli.options import AsJson, DataDir
from datahub.cli.tree import Command, Group
from datahub.cli.words import UsageError, both, lang, say
from datahub.i18n import Text

platforms = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=both("The platforms that publish.", "Les plateformes qui publient."),
)
datasets = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=both("The datasets of the hub.", "Les jeux de données du hub."),
)
keys = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=both("API keys of platforms.", "Les clés d'API des plateformes."),
)


class Visibility(StrEnum):
    """Who may read a dataset."""

    open = "open"
    members = "members"
    private = "private"


PlatformId = Annotated[
    str,
    typer.Argument(metavar="PLATFORM", help=both("Domain name of the platform.", "Nom de domaine de la plateforme.")),
]
DatasetId = Annotated[
    str,
    typer.Argument(metavar="DATASET", help=both("Identifier of the dataset.", "Identifiant du jeu de données.")),
]
_licence = typer.Option(metavar="IRI", help=both("Its licence.", "Sa licence."))
_description = typer.Option(help=both("What it holds.", "Ce qu'il contient."))
Source = Annotated[
    str | None,
    typer.Option(metavar="URL", help=both("The platform's own page of it.", "La page de la plateforme à son sujet.")),
]


@platforms.command("add", cls=Command, help=both("Add a platform.", "Ajouter une plateforme."))
def add_platform(
    platform: PlatformId,
    name: Annotated[
        str | None,
        typer.Option(help=both("Its name; by default its domain.", "Son nom ; par défaut son domaine.")),
    ] = None,
    home: Annotated[str | None, typer.Option(metavar="URL", help=both("Its home page.", "Sa page d'accueil."))] = None,
    kind: Annotated[
        str | None,
        typer.Option(metavar="IRI", help=both("Its kind, a concept.", "Son type, un concept.")),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Adds a platform to the hub."""
    with hubs.opened(data_dir) as hub:
        added = hub.platforms.add(platform, name or platform, home=home, kind=kind)
    console.out(added.iri)


@platforms.command("list", cls=Command, help=both("List the platforms.", "Lister les plateformes."))
def list_platforms(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Lists the platforms."""
    with hubs.opened(data_dir) as hub:
        found = hub.platforms.all()
    if as_json:
        console.as_json([{"id": p.id, "name": p.name, "home": p.home, "kind": p.kind, "iri": p.iri} for p in found])
        return
    headers = (say("platform", "plateforme"), say("name", "nom"), say("home page", "page d'accueil"))
    console.out(console.table([(p.id, p.name, p.home) for p in found], headers))


@platforms.command(
    "approve",
    cls=Command,
    help=both(
        "Approve a platform: it reads what is for members. A new one is approved.",
        "Agréer une plateforme : elle lit ce qui est réservé aux membres. Une nouvelle est agréée.",
    ),
)
def approve_platform(
    platform: PlatformId,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help=both("Take the approval back.", "Retirer l'agrément."))
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Approves a platform, or takes that back."""
    with hubs.opened(data_dir) as hub:
        hub.platforms.approve(platform, not withdraw)
    if withdraw:
        console.note(say(f"{platform} is no longer approved.", f"{platform} n'est plus agréée."))
    else:
        console.note(say(f"{platform} is approved.", f"{platform} est agréée."))


@datasets.command(
    "add", cls=Command, help=both("Add a dataset to a platform.", "Ajouter un jeu de données à une plateforme.")
)
def add_dataset(
    dataset: DatasetId,
    platform: Annotated[
        str, typer.Option(help=both("Domain name of its platform.", "Nom de domaine de sa plateforme."))
    ],
    connector: Annotated[
        str,
        typer.Option(help=both("Connector that reads its files.", "Connecteur qui lit ses fichiers.")),
    ],
    licence: Annotated[str, _licence],
    title: Annotated[
        str | None,
        typer.Option(help=both("Its title; by default its identifier.", "Son titre ; par défaut son identifiant.")),
    ] = None,
    description: Annotated[str, _description] = "",
    profile: Annotated[
        str | None,
        typer.Option(
            help=both(
                "Profile that it is checked by; by default the connector's.",
                "Profil qui le vérifie ; par défaut celui du connecteur.",
            )
        ),
    ] = None,
    visibility: Annotated[
        Visibility, typer.Option(help=both("Who may read it.", "Qui peut le lire."))
    ] = Visibility.open,
    source: Source = None,
    data_dir: DataDir = None,
) -> None:
    """Adds a dataset."""
    with hubs.opened(data_dir) as hub:
        added = hub.datasets.add(
            dataset,
            platform=platform,
            connector=connector,
            title=title or dataset,
            licence=licence,
            description=description,
            profile=profile,
            visibility=visibility.value,
            source=source,
        )
    console.out(added.iri)


@datasets.command(
    "update",
    cls=Command,
    help=both(
        "Change what is said of a dataset, or who may read it.",
        "Changer ce qui est dit d'un jeu de données, ou qui peut le lire.",
    ),
)
def update_dataset(
    dataset: DatasetId,
    title: Annotated[str | None, typer.Option(help=both("Its title.", "Son titre."))] = None,
    description: Annotated[str | None, _description] = None,
    licence: Annotated[str | None, _licence] = None,
    visibility: Annotated[
        Visibility | None,
        typer.Option(
            help=both(
                "Who may read it; whoever no longer may finds deletions in the feeds.",
                "Qui peut le lire ; qui ne le peut plus trouve des suppressions dans les flux.",
            )
        ),
    ] = None,
    source: Source = None,
    data_dir: DataDir = None,
) -> None:
    """Changes the options that are given, and leaves the others."""
    if (title, description, licence, visibility, source) == (None,) * 5:
        raise UsageError(
            "nothing-to-change",
            Text("Nothing is given to change.", "Rien n'est donné à changer."),
            Text("Name at least one option.", "Nommez au moins une option."),
        )
    with hubs.opened(data_dir) as hub:
        changed = hub.datasets.update(
            dataset,
            title=title,
            description=description,
            licence=licence,
            visibility=None if visibility is None else visibility.value,
            source=source,
        )
    console.note(say(f"{changed.id} is changed.", f"{changed.id} est changé."))


@datasets.command("list", cls=Command, help=both("List the datasets.", "Lister les jeux de données."))
def list_datasets(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Lists the datasets."""
    from datahub.hub import Reader

    with hubs.opened(data_dir) as hub:
        found = hub.datasets.all(Reader(admin=True))
    if as_json:
        rows = [
            {
                "id": d.id,
                "platform": d.platform,
                "title": d.title.to_json(),
                "connector": d.connector,
                "profile": d.profile,
                "licence": d.licence,
                "visibility": d.visibility,
                "records": d.records,
                "modified": d.modified.isoformat() if d.modified else None,
                "iri": d.iri,
            }
            for d in found
        ]
        console.as_json(rows)
        return
    headers = (
        say("dataset", "jeu"),
        say("platform", "plateforme"),
        say("title", "titre"),
        say("connector", "connecteur"),
        say("visibility", "visibilité"),
        say("records", "fiches"),
    )
    console.out(
        console.table(
            [(d.id, d.platform, d.title.to(lang()), d.connector, d.visibility, d.records) for d in found], headers
        )
    )


@datasets.command(
    "remove",
    cls=Command,
    help=both(
        "Withdraw a dataset: every record is deleted, and feeds say so.",
        "Retirer un jeu de données : chaque fiche est supprimée, et les flux le disent.",
    ),
)
def remove_dataset(
    dataset: DatasetId,
    yes: Annotated[bool, typer.Option("--yes", help=both("Do not ask.", "Ne pas demander."))] = False,
    data_dir: DataDir = None,
) -> None:
    """Withdraws a dataset."""
    from datahub.hub import PushReport, Reader

    with hubs.opened(data_dir) as hub:
        records = hub.datasets.get(dataset, Reader(admin=True)).records
        if not yes:
            typer.confirm(
                say(
                    f"Withdraw {dataset} with its {records} records?",
                    f"Retirer {dataset} et ses {records} fiches ?",
                ),
                abort=True,
                err=True,
            )
        report = hub.datasets.remove(dataset)
    assert isinstance(report, PushReport)
    console.out(report.text(lang()))


@keys.command(
    "create",
    cls=Command,
    help=both("Make an API key; it is shown once.", "Créer une clé d'API ; elle n'est montrée qu'une fois."),
)
def create_key(
    platform: PlatformId,
    label: Annotated[str, typer.Option(help=both("What it is for.", "À quoi elle sert."))] = "",
    data_dir: DataDir = None,
) -> None:
    """Issues a key for a platform and prints its secret."""
    with hubs.opened(data_dir) as hub:
        key, secret = hub.keys.issue(platform, label)
    console.note(say(f"Key {key.id} of {platform}:", f"Clé {key.id} de {platform} :"))
    console.out(secret)


@keys.command("list", cls=Command, help=both("List the keys of a platform.", "Lister les clés d'une plateforme."))
def list_keys(platform: PlatformId, data_dir: DataDir = None) -> None:
    """Lists the keys of a platform, without their secrets."""
    with hubs.opened(data_dir) as hub:
        found = hub.keys.all(platform)
    headers = (say("key", "clé"), say("label", "libellé"), say("created", "créée"), say("revoked", "révoquée"))
    console.out(
        console.table(
            [(k.id, k.label, f"{k.created:%Y-%m-%d}", f"{k.revoked:%Y-%m-%d}" if k.revoked else None) for k in found],
            headers,
        )
    )


@keys.command("revoke", cls=Command, help=both("Revoke a key.", "Révoquer une clé."))
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help=both("Identifier of the key.", "Identifiant de la clé."))],
    data_dir: DataDir = None,
) -> None:
    """Revokes a key."""
    with hubs.opened(data_dir) as hub:
        hub.keys.revoke(key)
    console.note(say(f"Key {key} is revoked.", f"La clé {key} est révoquée."))
