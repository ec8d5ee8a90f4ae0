"""Who may receive a record, as ranks that databases can compare: the higher, the fewer."""

from __future__ import annotations

from typing import Literal

Visibility = Literal["open", "members", "private"]
RANKS: tuple[Visibility, ...] = ("open", "members", "private")
OPEN, MEMBERS, PRIVATE = range(3)


def rank(visibility: Visibility) -> int:
    """0 for open, 1 for members, 2 for private."""
    return RANKS.index(visibility)
