"""A terminal session: runs command lines in this process, in a folder of its own, and keeps what they said."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from datahub.cli import run

PRODUCTS = """\
producer,sku,name,display_name,category,description,units,unit_type,variant_unit_name,price,on_hand,available_on,on_demand,shipping_category,tax_category
Ferme des Prés,CAR1,Carottes,,Vegetables,Sable,1,kg,,2.40,30,,0,Frais,TVA
Ferme des Prés,MIEL,Miel de printemps,,Preserves and Sauces,,250,g,,7.00,12,,0,Ambiant,TVA
"""


@dataclass(frozen=True)
class Said:
    """What a command left behind: exit code, results and remarks."""

    code: int
    out: str
    err: str


PLAIN = str.maketrans("\u00a0\u202f", "  ")
"""No-break spaces as plain ones: most tests are about words, not about typography."""

Session = Callable[..., Said]


@pytest.fixture
def datahub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Session:
    """Runs ``datahub ARGUMENTS`` in English in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "DATAHUB_DATA_DIR", "DATAHUB_HUB", "DATAHUB_KEY"):
        monkeypatch.delenv(name, raising=False)

    def session(*arguments: object, stdin: bytes | None = None) -> Said:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run([str(argument) for argument in arguments])
        out, err = (said.decode().translate(PLAIN) for said in capsysbinary.readouterr())
        return Said(code, out, err)

    return session


@pytest.fixture
def products(tmp_path: Path) -> Path:
    """A small product file of an Open Food Network hub."""
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS, "utf-8")
    return path
