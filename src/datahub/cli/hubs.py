"""The hub that a command works on, opened from settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datahub.cli.words import UsageError
from datahub.i18n import Text

if TYPE_CHECKING:
    from datahub.hub import Hub
    from datahub.settings import Settings


def settings(**chosen: Any) -> Settings:
    """The settings of the environment, with those of ``chosen`` that are not None put over them.

    Raises:
        UsageError: a setting has an unusable value; names it.
    """
    from pydantic import ValidationError

    from datahub.settings import Settings

    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"])
        raise UsageError(
            "setting-unusable",
            Text(
                f"The setting DATAHUB_{name.upper()} has the value “{wrong['input']}”, which can't be used.",
                f"Le réglage DATAHUB_{name.upper()} vaut « {wrong['input']} », ce qui est inutilisable.",
            ),
            Text("See the reference page on settings.", "Voir la page de référence des réglages."),
        ) from None


@contextmanager
def opened(data_dir: Path | None = None) -> Iterator[Hub]:
    """The local hub of the settings; closed afterwards."""
    from datahub.hub import Hub

    with Hub(settings(data_dir=data_dir)) as hub:
        yield hub
