"""A browser's client of a shop whose pages have all that they can show, and the list that it sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.service.page_shop import page_shop, with_reports
from tests.service.parsed import BROWSER
from trail.service import ServiceSettings, create_app


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The client; to read with only."""
    folder = with_reports(page_shop(tmp_path_factory.mktemp("projects") / "shop"))
    settings = ServiceSettings(projects={"shop": folder}, look_seconds=60)
    with TestClient(create_app(settings), headers=BROWSER) as opened:
        yield opened


@pytest.fixture(scope="session")
def hits(client: TestClient) -> list[dict]:
    """The first fifty items of its list."""
    return client.get("/p/shop.json").json()["hits"]["items"]
