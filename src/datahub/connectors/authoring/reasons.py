"""Why a column is taken for a property, in one sentence."""

from __future__ import annotations

from datahub.connectors.authoring.kinds import Reading
from datahub.connectors.authoring.lists import ListMatch
from datahub.connectors.authoring.models import Slot, Word
from datahub.connectors.codes import folded
from datahub.i18n import Text

SYNONYM = 0.97
"""What a synonym counts where a label counts 1."""

NEARLY = 0.96
"""What the same telling words count among other small ones: “prix par” and “prix”."""

_AT_ALL = 0.3


def reason(
    slot: Slot, word: Word | None, named: float, reading: Reading, told: float, listed: ListMatch | None
) -> Text:
    """What speaks for ``slot``: how near the column's name is to ``word`` (``named``), and what its values tell."""
    parts: list[Text] = []
    if word is not None and named >= _AT_ALL:
        parts.append(_called(slot, word, named))
    if listed is not None and listed.found:
        count, all_ = len(listed.found), len(listed.found) + len(listed.near) + len(listed.missing)
        parts.append(_in_list(count, all_, listed.scheme))
    elif told:
        parts.append(Text(f"values look like: {reading.name.en}", f"valeurs du genre : {reading.name.fr}"))
    return Text("; ".join(part.en for part in parts), " ; ".join(part.fr for part in parts))


def _in_list(count: int, all_: int, scheme: str) -> Text:
    if all_ == 1:
        return Text(f"its only value is in the list “{scheme}”", f"sa seule valeur est dans la liste « {scheme} »")
    if count == 1:
        return Text(
            f"1 of {all_} values is in the list “{scheme}”", f"1 valeur sur {all_} est dans la liste « {scheme} »"
        )
    return Text(
        f"{count} of {all_} values are in the list “{scheme}”",
        f"{count} valeurs sur {all_} sont dans la liste « {scheme} »",
    )


def _called(slot: Slot, word: Word, named: float) -> Text:
    label = slot.label
    if named >= 0.999 or folded(word.text) in (folded(label.en), folded(label.fr)):
        return Text(f"it is called “{word.text}”", f"elle s'appelle « {word.text} »")
    if named >= SYNONYM * NEARLY - 0.001:
        return Text(
            f"“{word.text}” is another word for “{label.en}”", f"« {word.text} » est un autre mot pour « {label.fr} »"
        )
    en, fr = (label.en, label.fr) if word.label else (word.text, word.text)  # “price”, and not “has price”
    return Text(f"its name resembles “{en}”", f"son nom ressemble à « {fr} »")
