"""A project with two sealed snapshots, and a client of its service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.snapshots.making import sealed
from trail.events import Source
from trail.project import Project, save_project
from trail.service import ServiceSettings, create_app

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


@pytest.fixture
def client(shop: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(projects={"shop": shop}, look_seconds=0.05))
    with TestClient(app) as opened:
        yield opened
