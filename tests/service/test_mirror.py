"""A server elsewhere, filled out of PostgreSQL alone, answers as the one where forecasts are made."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from bench.service_data import made_shop, sealed_day

from tests.operations.test_blending import rows
from tests.service.making import served
from tests.service.page_shop import page_shop, with_reports
from trail.errors import DataError
from trail.evaluate.list_rows import write_list_rows
from trail.operations.causes import PARTS, Moved, Moves, Part, write_moves
from trail.operations.exporting import export, mirror, pull, pull_older
from trail.operations.exporting import postgres as database
from trail.operations.mapping import opened_mapped
from trail.operations.publishing import publish
from trail.operations.workspace import Workspace, moment_of
from trail.service.pulling import pull_all
from trail.service.settings import ServiceSettings
from trail.snapshots import compare, open_snapshot

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.slow
ITEMS = 120


@pytest.fixture
def shop(tmp_path: Path, postgres: str) -> Path:
    """A project with three snapshots, published and exported one after the other, and all that is told beside them."""
    folder = tmp_path / "shop"
    page_shop(folder, items=ITEMS)
    with_reports(folder)
    sealed_day(folder, made_shop(ITEMS, 7), 2, texts=3)
    names = names_in(folder)
    lists = folder / "reports" / f"lists-{names[0]}-6" / "rows.parquet"
    lists.parent.mkdir()
    write_list_rows(rows(decayed=0.25), lists)
    publish_and_export(folder, postgres, names[0])
    for older, newer in pairwise(names):
        moved(folder, older, newer)
        publish_and_export(folder, postgres, newer)
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "snapshots").iterdir())


def publish_and_export(folder: Path, url: str, name: str) -> None:
    publish(folder, moment_of(name))
    opened_mapped(Workspace.open(folder), folder / "snapshots" / name)
    export(folder, url)


def moved(folder: Path, older: str, newer: str) -> None:
    """Writes that new events moved everything."""
    pair = [open_snapshot(folder / "snapshots" / name) for name in (older, newer)]
    parts = tuple(Part(name, int(name == "new events"), 0.5) for name in PARTS)
    seals = (pair[0].manifest.seal, pair[1].manifest.seal)
    items = tuple(Moved(each, parts) for each in compare(*pair, top=1000))
    write_moves(Workspace.open(folder), Moves(older, newer, seals, items))


def test_a_mirror_of_a_database_alone_answers_as_the_origin(shop: Path, tmp_path: Path, postgres: str):
    names = names_in(shop)
    elsewhere = tmp_path / "elsewhere" / "shop"
    pull_all(ServiceSettings(projects={"shop": elsewhere}, source=postgres))
    # what moves are counted from comes with the published one, the rest in the background
    assert {each.name for each in (elsewhere / "snapshots").iterdir()} == set(names[1:])
    with ExitStack() as stack:
        here = stack.enter_context(served(shop))
        there = stack.enter_context(served(elsewhere, source=postgres, pull_seconds=0.1))
        end = time.monotonic() + 30
        while there.get("/v1/projects/shop/snapshots").json()["names"] != names[::-1]:
            assert time.monotonic() < end, "the older snapshots did not come"
            time.sleep(0.05)
        pairs = [f"older={older}&newer={newer}" for older, newer in pairwise(names)]
        asked = [
            *("period", "hits?limit=500", "diff?top=200", "scorecard", "snapshots"),
            *(
                f"{what}{sign}at={name}"
                for name in names
                for what, sign in (("period?", ""), ("hits?limit=500", "&"))
            ),
            *(f"diff?top=200&{pair}" for pair in pairs),
        ]
        for address in asked:
            answers = [each.get(f"/v1/projects/shop/{address}") for each in (here, there)]
            assert answers[0].status_code == 200, address
            assert answers[0].json() == answers[1].json(), address
        for pair in pairs:
            assert here.get(f"/v1/projects/shop/diff?{pair}").json()["moves"][0]["parts"]
        item = here.get("/v1/projects/shop/hits").json()["items"][0]["item_id"]
        body = {"items": [{"item_id": item, "score": 1.0}]}
        blended = [each.post("/v1/projects/shop/rerank", json=body).json() for each in (here, there)]
        assert blended[0] == blended[1]
        assert "chosen on validation" in blended[0]["why"]


def test_a_mirror_forgets_what_the_origin_forgot(shop: Path, tmp_path: Path, postgres: str):
    elsewhere = tmp_path / "mirror"
    pull(postgres, "shop", elsewhere)
    assert pull_older(postgres, "shop", elsewhere)
    assert pull_older(postgres, "shop", elsewhere) == ""
    told = lambda: {path.relative_to(elsewhere).as_posix() for path in (elsewhere / "reports").rglob("*.*")}  # noqa: E731
    before = told()
    gone = [*(shop / "reports" / "moves").glob("*")][:1]
    gone += [shop / "reports" / "scorecard" / "scorecard.json"]
    for path in gone:
        path.unlink()
    mine = elsewhere / "reports" / "notes" / "mine.json"
    mine.parent.mkdir()
    mine.write_text("{}")
    export(shop, postgres)
    pull(postgres, "shop", elsewhere)
    assert before - told() == {path.relative_to(shop).as_posix() for path in gone}
    assert mine.is_file()


def test_what_is_kept_is_kept_in_the_database_too(shop: Path, postgres: str):
    names = names_in(shop)

    def kept(table: str) -> list[str]:
        with psycopg.connect(postgres) as connection:
            found = connection.execute(f"SELECT DISTINCT snapshot FROM trail.{table} ORDER BY snapshot")
            return [name for (name,) in found.fetchall()]

    assert export(shop, postgres, keep=1).removed == 0  # all are held here still
    shutil.rmtree(shop / "snapshots" / names[0])
    assert export(shop, postgres).removed == 0
    assert export(shop, postgres, keep=3).removed == 0
    publish(shop, moment_of(names[1]))
    assert export(shop, postgres, keep=1).removed == 1
    assert [kept(table) for table in ("snapshot", "file", "forecast")] == [names[1:]] * 3
    shutil.rmtree(shop / "snapshots" / names[2])
    assert export(shop, postgres, keep=1).removed == 0  # the newest stays, and so does the published one
    assert kept("snapshot") == names[1:]


def test_what_is_refused_is_verified_once(shop: Path, tmp_path: Path, postgres: str, monkeypatch):
    asked = []

    def refuse(folder: Path, *, at) -> None:
        asked.append(at)
        raise DataError("what this version cannot verify")

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "publish", refuse)
        for _ in range(3):
            with pytest.raises(DataError, match="cannot verify"):
                pull(postgres, "shop", tmp_path / "mirror")
    assert len(asked) == 1
    name = names_in(shop)[-1]
    (tmp_path / "mirror" / "snapshots" / name / "forecast.parquet").unlink()  # another one arrives
    assert pull(postgres, "shop", tmp_path / "mirror") == name


def test_a_damaged_older_one_keeps_no_other_from_coming(shop: Path, tmp_path: Path, postgres: str):
    names = names_in(shop)
    elsewhere = tmp_path / "mirror"
    pull(postgres, "shop", elsewhere)
    with database.connected(postgres) as connection:
        connection.execute(
            "UPDATE trail.file SET bytes = bytes || 'x' WHERE snapshot = %s AND file = 'forecast.parquet'",
            (names[0],),
        )
    with pytest.raises(DataError, match="a damaged snapshot"):
        pull_older(postgres, "shop", elsewhere)
    assert pull_older(postgres, "shop", elsewhere) == ""
