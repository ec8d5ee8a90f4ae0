"""The extras of datahub, such as ``spark``, and what a user is told who lacks one."""

from __future__ import annotations

from datahub.i18n import Text


def install(extra: str) -> Text:
    """How to get ``extra``. It names no package index: datahub is not published there, and its name is somebody else's.

    >>> install("spark").en
    "Install datahub with its extra “spark”, from where datahub itself came: in its sources, pip install '.[spark]'."
    """
    return Text(
        f"Install datahub with its extra “{extra}”, from where datahub itself came: in its sources, pip install '.[{extra}]'.",
        f"Installez datahub avec son extra « {extra} », d'où vient datahub lui-même : dans ses sources, pip install '.[{extra}]'.",
    )
