"""A project with two sealed snapshots, and a client of its service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.guarding import Served, application
from tests.service.making import made
from tests.snapshots.making import sealed
from trail.events import Source
from trail.project import Project, save_project
from trail.service import ServiceSettings, create_app
from trail.service.audit import Audit
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing, create

OLDER, NEWER = "2024-05-13", "2024-05-20"


def made_project(folder: Path) -> Path:
    """Writes a project with two sealed snapshots, a week apart."""
    folder.mkdir(parents=True, exist_ok=True)
    save_project(Project(events=(Source("events.csv"),)), folder)
    for name, back in ((OLDER, 2), (NEWER, 1)):
        sealed(folder / "snapshots" / name, back=back, cards="all")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return made_project(tmp_path / "shop")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up project with two sealed snapshots, for the tests of a module."""
    shop = tmp_path_factory.mktemp("made") / "shop"
    made(shop)
    return shop


@pytest.fixture
def client(shop: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(projects={"shop": shop}, look_seconds=0.05))
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def served(tmp_path):
    """A function that puts the application behind the guard, with a key of each scope."""

    def make(**settings):
        path, audit = tmp_path / "keys.json", tmp_path / "audit.jsonl"
        keys = {scope: create(path, scope, [scope])[1] for scope in ("read", "explain", "admin")}
        app = application()
        asgi = guarded(app, GuardSettings(**settings), KeyRing(path, every=0.0), Audit(audit))
        return Served(app, asgi, path, audit, keys)

    return make


@pytest.fixture
def unlocked():
    """The application without keys, asked by this machine's name."""
    app = application()
    return Served(app, guarded(app, GuardSettings(), None, None))
