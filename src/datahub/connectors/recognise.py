"""Which connectors would fit a file, and what is said when the one asked for does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datahub.connectors import differences as compared
from datahub.connectors import versions
from datahub.connectors.definition import Definition, Variant
from datahub.connectors.look import Look as Look
from datahub.connectors.look import header as _header
from datahub.connectors.look import look as look
from datahub.errors import InputError
from datahub.i18n import Text

TOLD = 3
"""Differences that are told."""


def header_row(seen: Look, variant: Variant) -> int:
    """Which of the header lines holds the names (first = 1): the one that the format knows most of."""
    return _header(seen, variant)[0]


def choose(seen: Look, definition: Definition) -> Variant | None:
    """The variant of ``definition`` that the file is in: of those that fit, the one that knows most of its columns."""
    fitting = [variant for variant in definition.variants if compared.fits(seen, variant)]
    return max(fitting, key=lambda variant: compared.known(seen, variant), default=None)


def refusal(seen: Look, definition: Definition, others: Iterable[Definition]) -> InputError:
    """The error that tells the three most telling differences, and the connector that would fit."""
    ranked = [(variant, compared.differences(seen, variant)) for variant in definition.variants]
    nearest, found = min(ranked, key=lambda each: (_missing(each[1]), -compared.known(seen, each[0])))
    found = [*_version(seen, nearest, definition), *found]
    told = found[:TOLD]
    en, fr = "; ".join(each.told.en for each in told), " ; ".join(each.told.fr for each in told)
    version = f", version {definition.version}" if definition.version is not None else ""
    form = Text(f" ({nearest.title.en})", f" ({nearest.title.fr})") if nearest.title else Text("", "")
    return InputError(
        "not-this-format",
        Text(
            f"This does not look like “{definition.title.en}”{form.en}{version}: {en}.",
            f"Ceci ne ressemble pas à « {definition.title.fr} »{form.fr}{version} : {fr}.",
        ),
        _advice(fits(seen, others), found, definition),
    )


def _version(seen: Look, variant: Variant, definition: Definition) -> list[compared.Difference]:
    """That the columns are those of another version, where they are; it tells more than the columns themselves."""
    version = versions.shown(_header(seen, variant)[1], definition) if seen.form in ("csv", "sheet") else None
    if version is None:
        return []
    reason = versions.why(version)
    return [
        compared.Difference(
            "version",
            Text(
                f"it looks like another version, {version.version.en} ({reason.en})",
                f"il ressemble à une autre version, {version.version.fr} ({reason.fr})",
            ),
            version.fix or _exported(versions.current(definition)),
        )
    ]


def _exported(version: Text) -> Text:
    return Text(f"Export it in {version.en}.", f"Exportez-le dans {version.fr}.")


def _missing(found: Sequence[compared.Difference]) -> int:
    return sum(each.kind in ("missing", "renamed", "member", "form", "encoding") for each in found)


def fits(seen: Look, definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The connectors in whose format the file seems to be, best first."""
    found: list[tuple[int, str, Definition]] = []
    for definition in definitions:
        variant = choose(seen, definition)
        if variant is not None and (count := compared.known(seen, variant)) and "in" in definition.directions:
            found.append((-count, definition.name, definition))
    return tuple(definition for _, _, definition in sorted(found, key=lambda item: item[:2]))


def _advice(fitting: Sequence[Definition], found: Sequence[compared.Difference], asked: Definition) -> Text:
    if fitting:
        best = fitting[0]
        return Text(
            f"It looks like “{best.name}” ({best.title.en}): use that connector.",
            f"Il ressemble à « {best.name} » ({best.title.fr}) : utilisez ce connecteur.",
        )
    version = next((each.fix for each in found if each.kind == "version"), None)
    if version is not None:  # it explains all other differences
        return version
    fixes = [each.fix for each in found if each.fix is not None]
    if fixes and len(fixes) == len([each for each in found if each.kind != "unknown"]):
        return Text(" ".join(fix.en for fix in fixes[:TOLD]), " ".join(fix.fr for fix in fixes[:TOLD]))
    return Text(
        f"No connector knows this format; check that it is the right file. The format is described at {asked.described}.",
        f"Aucun connecteur ne connaît ce format ; vérifiez que c'est le bon fichier. Le format est décrit sur {asked.described}.",
    )
