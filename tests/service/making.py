"""A small shop with odd words in its catalogue, sealed day by day, and ways to ask its service."""

from __future__ import annotations

import atexit
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from bench.service_client import point
from bench.service_data import Shop, made_shop, sealed_day
from starlette.testclient import TestClient

from trail.events import Source
from trail.project import Project, save_project
from trail.service import ServiceSettings, create_app

ITEMS, TEXTS = 120, 5
ODD = (
    None,
    "",
    "Crème Brûlée SET",
    "ÉCLAIR éclair",
    'a "quoted" <b>&amp;</b> title',
    "日本 急須 ☕",
    "50% off_\\*",
    "Straße",
)


def odd_shop(items: int = ITEMS) -> Shop:
    shop = made_shop(items, 5)
    titles, categories = shop.catalogue["title"].to_pylist(), shop.catalogue["category"].to_pylist()
    for at, title in enumerate(ODD):
        titles[at * 7] = title
        categories[at * 5] = (None, "Tea & Coffee", "")[at % 3]
    catalogue = _with(_with(shop.catalogue, "title", titles), "category", categories)
    return replace(shop, catalogue=catalogue)


def _with(table: pa.Table, name: str, values: list) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.string()))


@cache
def _sealed_once(days: int) -> Path:
    folder = Path(mkdtemp(prefix="trail-shop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shop = odd_shop()
    for day in range(days):
        # the first days know fewer items, so that some of the last day have no rank before
        some = replace(shop, catalogue=shop.catalogue[:-4], level=shop.level[:-4], born=shop.born[:-4])
        sealed_day(folder, some if day == 0 else shop, day, texts=TEXTS)
    return folder


def made(folder: Path, days: int = 2) -> list[Path]:
    """Makes a project with sealed snapshots of the first days, nothing published; returns their folders."""
    folder.mkdir(parents=True, exist_ok=True)
    save_project(Project(events=(Source("events.csv"),)), folder)
    names = sorted(each.name for each in (_sealed_once(3) / "snapshots").iterdir())[:days]
    return [bring(folder, name) for name in names]


def bring(folder: Path, name: str) -> Path:
    """Lets a snapshot appear among those of a project, whole at once."""
    target = folder / "snapshots" / name
    target.parent.mkdir(exist_ok=True)
    shutil.copytree(_sealed_once(3) / "snapshots" / name, target.with_name(f".{name}.coming"))
    target.with_name(f".{name}.coming").rename(target)
    return target


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[TestClient]:
    """Yields a client of the service of one project, which looks often."""
    app = create_app(ServiceSettings(projects={"shop": folder}, **{"look_seconds": 0.02, **settings}))
    with TestClient(app) as client:
        yield client


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def third() -> str:
    """Returns the name of the snapshot that `made` leaves out by default."""
    return max(each.name for each in (_sealed_once(3) / "snapshots").iterdir())


__all__ = ["ITEMS", "TEXTS", "bring", "made", "odd_shop", "point", "served", "third", "until"]
