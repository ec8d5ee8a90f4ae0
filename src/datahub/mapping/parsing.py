"""Parse: a mapping document in either notation to a `Mapping`."""

from __future__ import annotations

from pathlib import Path

from datahub.errors import DefinitionError, Place
from datahub.i18n import Text
from datahub.mapping import rml
from datahub.mapping.model import Mapping


def parse(source: Path | str, format: str | None = None) -> Mapping:  # noqa: A002
    """The mapping in ``source``, a path or the text itself.

    ``format``: "ttl" (RML in Turtle) or "yarrrml"; by default from the extension of the path, else Turtle.
    Raises `DefinitionError` that names file, triples map, term map and what was expected.
    """
    path = source if isinstance(source, Path) else None
    try:
        text = source.read_text("utf-8") if isinstance(source, Path) else source
    except (OSError, UnicodeDecodeError):
        raise DefinitionError(
            "mapping-file",
            Text("The mapping is missing or is not UTF-8 text.", "Le mapping est absent ou n'est pas du texte UTF-8."),
            place=Place(file=path.name if path else None),
        ) from None
    by_name = "yarrrml" if path is not None and path.suffix in (".yml", ".yaml") else "ttl"
    if (format or by_name) == "yarrrml":
        from datahub.mapping import yarrrml

        return yarrrml.parse(text, path)
    return rml.parse(text, path)
