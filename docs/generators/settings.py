"""The settings, from the fields of `datahub.settings.Settings`."""

from __future__ import annotations

import annotated_types
from pydantic.fields import FieldInfo

from datahub.settings import Settings
from generators.markdown import code, page, table, text

_INTRO = """
Every setting is an environment variable. All have a default, so a hub starts with none. Sizes are in bytes, times in
seconds. A value that can't be used stops the command with the name of the setting.
"""


def pages() -> dict[str, str]:
    """The page of settings."""
    rows = [
        (code(f"DATAHUB_{name.upper()}"), code(_default(field)), text(_range(field)), text(field.description))
        for name, field in Settings.model_fields.items()
    ]
    return {"settings": page("# Settings", _INTRO, table(("variable", "default", "allowed", "what it is"), rows))}


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return ""
    return str(value)


def _range(field: FieldInfo) -> str:
    limits = []
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge():
                limits.append(f"at least {rule.ge}")
            case annotated_types.Gt():
                limits.append(f"more than {rule.gt}")
            case annotated_types.Le():
                limits.append(f"at most {rule.le}")
    choices = [str(one) for one in getattr(field.annotation, "__args__", ()) if isinstance(one, str)]
    return ", ".join(limits) or " or ".join(choices)
