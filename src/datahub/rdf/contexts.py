"""JSON-LD contexts from the bundled copies only (JSON-LD 1.1 section 3.1). Nothing is ever fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.rdf.guards import DEFAULT, Limits, check_size

_KEY = re.compile(r'(?<!\\)"@context"\s*:\s*')
_NESTING = 8
_ONE = Limits(max_bytes=8 << 20)
"""How much the copies in one context may be together."""


def inline(text: str, contexts: Mapping[str, bytes], limits: Limits = DEFAULT) -> str:
    """The JSON-LD document ``text`` with each context that is named by address replaced by its copy in ``contexts``.

    Raises `InputError` ``context-refused``, naming the address, where there is no copy, and for any ``@import``. A broken
    document is left as it is for the parser to tell.
    """
    decoder = json.JSONDecoder()
    pieces: list[str] = []
    copies: dict[str, str] = {}
    at = size = 0
    row, counted = 1, 0
    for match in _KEY.finditer(text):
        if match.start() < at:
            continue  # inside a context that was already replaced
        try:
            value, end = decoder.raw_decode(text, match.end())
        except ValueError:
            continue
        row += text.count("\n", counted, match.start())
        counted = match.start()
        written = text[match.end() : end]
        if written not in copies:
            resolved = _Copies(contexts, row).resolved(value)
            copies[written] = written if resolved == value else json.dumps(resolved, ensure_ascii=False)
        pieces += [text[at : match.end()], copies[written]]
        size += len(copies[written])
        check_size(size, limits)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def definition(data: bytes) -> Any:
    """The value of ``@context`` in the context document ``data``. Raises ValueError where there is none."""
    document = json.loads(data)
    if not isinstance(document, dict) or "@context" not in document:
        raise ValueError("a context document is an object with the member @context")
    return document["@context"]


@dataclass
class _Copies:
    """Puts the copies in ``contexts`` in the place of their addresses, in the context that is in ``row``; ``size``: bytes of all of
    them, which count each time that they are named."""

    contexts: Mapping[str, bytes]
    row: int
    size: int = 0

    def resolved(self, value: Any, nesting: int = 0) -> Any:
        if isinstance(value, str):
            copy = self.contexts.get(value, self.contexts.get(value.rstrip("/")))
            if copy is None or nesting > _NESTING:
                raise refused(value, self.row)
            self.size += len(copy)
            check_size(self.size, _ONE)
            return self.resolved(definition(copy), nesting + 1)
        if isinstance(value, list):
            flat: list[Any] = []
            for item in value:
                resolved = self.resolved(item, nesting)
                flat += resolved if isinstance(resolved, list) else [resolved]
            return flat
        if isinstance(value, dict):
            if "@import" in value:
                raise refused(str(value["@import"]), self.row)
            return {name: self._term(term, nesting) for name, term in value.items()}
        return value

    def _term(self, term: Any, nesting: int) -> Any:
        if isinstance(term, dict) and "@context" in term:
            return {**term, "@context": self.resolved(term["@context"], nesting)}
        return term


def refused(address: str, row: int | None = None) -> InputError:
    """The error for a context that is not bundled."""
    shown = address if len(address) <= 200 else address[:200] + "…"
    return InputError(
        "context-refused",
        Text(
            f"The JSON-LD context “{shown}” is not one of those that are kept here; contexts are never fetched.",
            f"Le contexte JSON-LD « {shown} » n'est pas de ceux qui sont conservés ici ; les contextes ne sont jamais téléchargés.",
        ),
        Text(
            "Write the context into the document, or name a known one.",
            "Écrivez le contexte dans le document, ou citez-en un connu.",
        ),
        Place(row=row, value=shown),
    )
