from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.web.street import Street, filled, opened


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """A filled hub that is closed: others are copies of it."""
    found = filled(tmp_path_factory.mktemp("street") / "hub")
    found.hub.close()
    return found


@pytest.fixture(scope="module")
def street(laid_out: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A filled hub that tests only read."""
    with ExitStack() as running:
        yield _copied(laid_out, tmp_path_factory.mktemp("read"), running)


@pytest.fixture(autouse=True)
def no_language_was_chosen(request: pytest.FixtureRequest) -> None:
    """Forgets what language the test before chose: the client of a hub that tests share keeps cookies, as a browser does."""
    if "street" in request.fixturenames:
        request.getfixturevalue("street").client.cookies.clear()


@pytest.fixture
def copy(laid_out: Street, tmp_path: Path) -> Iterator[Callable[..., Street]]:
    """Opens a filled hub under the settings that it is given."""
    with ExitStack() as running:
        yield lambda **settings: _copied(laid_out, tmp_path, running, **settings)


@pytest.fixture
def workshop(copy: Callable[..., Street]) -> Street:
    """A filled hub that a test may change."""
    return copy()


def _copied(laid_out: Street, folder: Path, running: ExitStack, **settings: object) -> Street:
    shutil.copytree(laid_out.hub.settings.data_dir, folder / "hub")
    found = opened(folder / "hub", dict(laid_out.keys), dict(laid_out.reports), **settings)
    running.callback(found.hub.close)
    running.enter_context(found.client)
    return found
