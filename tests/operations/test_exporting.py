"""A sealed forecast as a flat file, and in PostgreSQL: the same numbers, and the same bytes when they come back."""

from __future__ import annotations

import asyncio
import csv
import json
import time
from dataclasses import replace
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient
from tests.snapshots.making import contents, sealed

from trail.engine import file_hash
from trail.errors import ConfigError, DataError, EngineError
from trail.events import Source, parse_moment
from trail.operations.exporting import export, pull
from trail.operations.exporting.files import COLUMNS
from trail.operations.publishing import publish, standing
from trail.operations.workspace import Workspace
from trail.project import CONFIG, Project, RunSettings, Webhook, load_project, save_project
from trail.service import ServiceSettings, create_app, pulling
from trail.service.pulling import pull_all
from trail.snapshots import FILES, open_snapshot, read_manifest, seal, verify_snapshot

OLDER, NEWER = "2024-05-06", "2024-05-13"


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    hook = Webhook("https://example.org/hook")
    save_project(Project(events=(Source("events.csv"),), webhooks=(hook,)), folder)
    for name, back in ((OLDER, 2), (NEWER, 1)):
        sealed(folder / "snapshots" / name, back=back, cards="all")
    return folder


def sealed_rows(folder, name=NEWER):
    return pq.read_table(folder / "snapshots" / name / "forecast.parquet").to_pylist()


READERS = {
    ".csv": lambda path: list(csv.DictReader(StringIO(path.read_text(encoding="utf-8"), newline=""))),
    ".json": lambda path: json.loads(path.read_text())["items"],
    ".jsonl": lambda path: [json.loads(line) for line in path.read_text().splitlines()],
    ".parquet": lambda path: pq.read_table(path).to_pylist(),
    ".arrow": lambda path: pa.ipc.open_file(path).read_all().to_pylist(),
}


@pytest.mark.parametrize("ending", READERS)
def test_a_flat_file_holds_every_item_as_it_was_sealed(shop, ending):
    path = shop / f"list{ending}"
    done = export(shop, str(path))
    assert (done.snapshot, done.items, done.already) == (NEWER, 120, False)
    rows, forecast = READERS[ending](path), sealed_rows(shop)
    assert [*rows[0]] == [*COLUMNS]
    assert [row["item_id"] for row in rows] == [row["item_id"] for row in forecast]
    assert [float(row["expected"]) for row in rows] == [row["expected"] for row in forecast]
    sealed = open_snapshot(shop / "snapshots" / NEWER).explanations[0]
    assert next(row["text"] for row in rows if row["item_id"] == sealed.item_id) == sealed.text


def test_a_past_snapshot_is_exported_by_its_cutoff(shop, tmp_path):
    path = tmp_path / "list.csv"
    assert export(shop, str(path), at=parse_moment(OLDER)).snapshot == OLDER
    assert float(READERS[".csv"](path)[0]["expected"]) == sealed_rows(shop, OLDER)[0]["expected"]
    with pytest.raises(ConfigError, match="no snapshot of 2020-01-01"):
        export(shop, str(path), at=parse_moment("2020-01-01"))


def test_a_spreadsheet_runs_no_title(shop, tmp_path):
    manifest, table, cards, texts = contents(cards="all")
    titles = ["=1+2", "+1", "-1", "@x", "\tx", *cards.table["title"].to_pylist()[5:]]
    at = cards.table.schema.get_field_index("title")
    evil = cards.table.set_column(at, "title", pa.array(titles))
    folder = shop / "snapshots" / "2024-05-20"
    seal(
        folder,
        manifest,
        table,
        type(cards)(evil, cards.cutoff, cards.horizon, cards.calendar, cards.events),
        texts,
    )
    export(shop, str(tmp_path / "list.csv"), at=parse_moment("2024-05-20"))
    found = [row["title"] for row in READERS[".csv"](tmp_path / "list.csv")[:5]]
    assert found == [f"'{title}" for title in titles[:5]]


def test_what_cannot_be_written_is_refused_and_leaves_nothing(shop, tmp_path):
    for to in ("list.docx", "mysql://host/x"):
        with pytest.raises(ConfigError, match=r"ending|scheme"):
            export(shop, to)
    target = shop / "snapshots" / NEWER / FILES[0]
    target.write_bytes(target.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError, match="altered"):
        export(shop, str(tmp_path / "list.csv"), at=parse_moment(NEWER))
    assert not list(tmp_path.glob("*list*"))
    assert export(shop, str(tmp_path / "list.csv")).snapshot == OLDER  # the last good one


def test_a_database_that_is_not_there_is_named_without_its_password(shop):
    with pytest.raises(EngineError) as refused:
        export(shop, "postgresql://me:secret@127.0.0.1:9/shop")
    assert "secret" not in str(refused.value)


@pytest.mark.slow
def test_postgresql_keeps_rows_for_queries_and_bytes_for_servers(shop, tmp_path, postgres):
    import psycopg  # noqa: PLC0415 - an extra

    assert not export(shop, postgres, at=parse_moment(OLDER)).already
    first = export(shop, postgres)
    assert not first.already
    assert "secret" not in first.to
    assert export(shop, postgres).already
    with psycopg.connect(postgres) as connection:
        rows = connection.execute(
            "SELECT item_id, rank, expected, q90, p_top FROM trail.forecast WHERE project = 'shop' AND snapshot = %s"
            " ORDER BY rank",
            (NEWER,),
        ).fetchall()
        forecast = sealed_rows(shop)
        assert rows == [
            tuple(row[name] for name in ("item_id", "rank", "expected", "q90", "p_top")) for row in forecast
        ]
        assert connection.execute("SELECT count(*) FROM trail.snapshot").fetchone() == (2,)
    # a server elsewhere gets the very bytes
    mirror = tmp_path / "mirror"
    assert pull(postgres, "shop", mirror) == NEWER
    for name in (*FILES, "manifest.json"):
        there = mirror / "snapshots" / NEWER / name
        assert file_hash(there) == file_hash(shop / "snapshots" / NEWER / name)
    assert verify_snapshot(mirror / "snapshots" / NEWER).holds
    assert load_project(mirror).horizon_days == load_project(shop).horizon_days
    for secret in ("events.csv", "example.org"):  # where data and webhooks are stays at home
        assert secret in (shop / CONFIG).read_text()
        assert secret not in (mirror / CONFIG).read_text()
    before = (mirror / "snapshots" / NEWER / FILES[0]).stat().st_mtime_ns
    pull(postgres, "shop", mirror)
    assert (mirror / "snapshots" / NEWER / FILES[0]).stat().st_mtime_ns == before
    # an older one that is exported is not published by that; one that is published is
    export(shop, postgres, at=parse_moment(OLDER))
    assert pull(postgres, "shop", mirror) == NEWER
    publish(shop, parse_moment(OLDER))
    export(shop, postgres)
    assert pull(postgres, "shop", mirror) == OLDER
    assert standing(Workspace.open(mirror)).folder == mirror / "snapshots" / OLDER
    with pytest.raises(DataError, match="no project 'nobody'"):
        pull(postgres, "nobody", mirror)


@pytest.mark.slow
def test_what_is_told_beside_a_forecast_travels_with_it_and_hinders_it_never(shop, tmp_path, postgres):
    import psycopg  # noqa: PLC0415 - an extra

    told = {
        "scorecard/scorecard.json": "{}",
        "scorecard/figures.parquet": "x",
        f"moves/{OLDER}-to-{NEWER}.json": "{}",
    }
    others = {
        "moves/what.json": "no",
        "scorecard/.scorecard.json.x": "half",
        "x/y.json": "no",
    }
    for name, text in (told | others).items():
        path = shop / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    mirror = tmp_path / "mirror"

    def there():
        reports = mirror / "reports"
        return {
            str(each.relative_to(reports)): each.read_text() for each in reports.rglob("*") if each.is_file()
        }

    assert export(shop, postgres, at=parse_moment(OLDER)).reports == 0  # beside the published one alone
    assert export(shop, postgres).reports == 3
    pull(postgres, "shop", mirror)
    assert there() == told
    assert export(shop, postgres).reports == 0
    (shop / "reports" / "scorecard" / "scorecard.json").write_text('{"a": 1}')
    (shop / "reports" / "scorecard" / "figures.parquet").unlink()
    done = export(shop, postgres)
    assert (done.already, done.reports) == (True, 1)
    pull(postgres, "shop", mirror)
    assert there()["scorecard/scorecard.json"] == '{"a": 1}'
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM trail.report").fetchone() == (2,)
        connection.execute("UPDATE trail.report SET file = '../../evil.json' WHERE file LIKE 'scorecard%'")
    other = tmp_path / "other"
    with pytest.raises(DataError, match="a damaged file"):
        pull(postgres, "shop", other)
    assert standing(Workspace.open(other)).folder == other / "snapshots" / NEWER
    assert [path.name for path in (other / "reports").rglob("*.json")] == [f"{OLDER}-to-{NEWER}.json"]
    assert not list(tmp_path.rglob("evil.json"))
    with psycopg.connect(postgres) as connection:  # one that was filled before
        connection.execute("DROP TABLE trail.report")
    assert pull(postgres, "shop", tmp_path / "third") == NEWER


@pytest.mark.slow
def test_a_server_elsewhere_follows_what_is_published(shop, tmp_path, postgres):
    export(shop, postgres, at=parse_moment(OLDER))
    mirror = tmp_path / "elsewhere" / "shop"
    settings = ServiceSettings(
        projects={"shop": mirror}, source=postgres, look_seconds=0.05, pull_seconds=0.1
    )
    pull_all(settings)
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/projects/shop/period").json()["snapshot"] == OLDER
        export(shop, postgres)
        until = time.monotonic() + 20
        while client.get("/v1/projects/shop/period").json()["snapshot"] == OLDER and time.monotonic() < until:
            time.sleep(0.05)
        served = client.get("/v1/projects/shop/hits?limit=500").json()
        assert served["period"]["snapshot"] == NEWER
        assert [each["expected"] for each in served["items"]] == [
            each["expected"] for each in sealed_rows(shop)
        ]


@pytest.mark.slow
def test_a_pull_mends_a_damaged_mirror(shop, tmp_path, postgres):
    export(shop, postgres)
    mirror = tmp_path / "mirror"
    pull(postgres, "shop", mirror)
    for name in (*FILES, "manifest.json"):
        path = mirror / "snapshots" / NEWER / name
        whole = path.read_bytes()
        for damaged in (whole[:-1] + b"x", whole[:9]):
            path.write_bytes(damaged)
            pull(postgres, "shop", mirror)
            assert path.read_bytes() == whole
        path.unlink()
        pull(postgres, "shop", mirror)
        assert path.read_bytes() == whole
    (mirror / "published.json").write_text("{")
    assert pull(postgres, "shop", mirror) == NEWER
    assert standing(Workspace.open(mirror)).folder == mirror / "snapshots" / NEWER


@pytest.mark.slow
def test_a_mirror_keeps_what_the_settings_say_and_what_was_published_last(shop, tmp_path, postgres):
    oldest = "2024-04-29"
    sealed(shop / "snapshots" / oldest, back=3, cards="all")
    save_project(replace(load_project(shop), run=RunSettings(keep=1)), shop)
    mirror = tmp_path / "mirror"
    kept = []
    for name in (oldest, OLDER, NEWER, oldest):
        publish(shop, parse_moment(name))
        export(shop, postgres)
        assert pull(postgres, "shop", mirror) == name
        assert standing(Workspace.open(mirror)).why == ()
        kept.append(
            (
                {path.name for path in (mirror / "snapshots").iterdir()},
                len([*(mirror / "serving").iterdir()]),
            )
        )
    assert kept == [({oldest}, 1), ({oldest, OLDER}, 2), ({OLDER, NEWER}, 2), ({oldest, NEWER}, 2)]
    save_project(replace(load_project(shop), run=RunSettings(keep=0)), shop)
    for name in (OLDER, NEWER):
        publish(shop, parse_moment(name))
        export(shop, postgres)
        pull(postgres, "shop", mirror)
    assert {path.name for path in (mirror / "snapshots").iterdir()} == {oldest, OLDER, NEWER}


@pytest.mark.slow
def test_shops_whose_folders_have_the_same_name_stand_beside_each_other_by_names_of_their_own(
    shop, tmp_path, postgres
):
    other = tmp_path / "elsewhere" / "shop"
    other.mkdir(parents=True)
    run = RunSettings(export_as="north")
    save_project(Project(events=(Source("events.csv"),), run=run), other)
    sealed(other / "snapshots" / NEWER, data="other", cards="all")
    export(shop, postgres)
    export(other, postgres)
    for name, home in (("shop", shop), ("north", other)):
        mirror = tmp_path / "mirrors" / name
        pull(postgres, name, mirror)
        assert read_manifest(mirror / "snapshots" / NEWER) == read_manifest(home / "snapshots" / NEWER)
        assert load_project(mirror).run.export_as == ""


@pytest.mark.slow
def test_postgresql_refuses_another_forecast_of_a_name_and_delivers_no_damage(shop, tmp_path, postgres):
    import psycopg  # noqa: PLC0415 - an extra

    export(shop, postgres)
    other = tmp_path / "elsewhere" / "shop"
    other.mkdir(parents=True)
    save_project(Project(events=(Source("events.csv"),)), other)
    sealed(other / "snapshots" / NEWER, data="other", cards="all")
    assert read_manifest(other / "snapshots" / NEWER).seal != read_manifest(shop / "snapshots" / NEWER).seal
    with pytest.raises(ConfigError, match=r"another forecast(.|\n)*export_as"):
        export(other, postgres)
    # nothing that is not a mirror is overwritten
    for there in (shop, other):
        with pytest.raises(ConfigError, match="a project of its own"):
            pull(postgres, "shop", there)
    assert read_manifest(other / "snapshots" / NEWER).data == "other"
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE trail.snapshot SET snapshot = snapshot")
        connection.execute("UPDATE trail.file SET bytes = bytes || '\\x00' WHERE file = %s", (FILES[0],))
    with pytest.raises(DataError, match="damaged"):
        pull(postgres, "shop", tmp_path / "mirror")
    assert not list((tmp_path / "mirror" / "snapshots").glob("*"))
    precious = tmp_path / "precious"
    precious.mkdir()
    with psycopg.connect(postgres) as connection:
        connection.execute("ALTER TABLE trail.file DROP CONSTRAINT file_project_snapshot_fkey")
        connection.execute("ALTER TABLE trail.forecast DROP CONSTRAINT forecast_project_snapshot_fkey")
        for table, column in (("snapshot", "snapshot"), ("file", "snapshot"), ("project", "published")):
            connection.execute(f"UPDATE trail.{table} SET {column} = '../../precious'")
    with pytest.raises(DataError, match="a snapshot named"):
        pull(postgres, "shop", tmp_path / "mirror")
    assert precious.is_dir()


def test_pulling_goes_on_whatever_fails_and_says_so_once(tmp_path, monkeypatch, caplog):
    answers = iter([ValueError("odd"), ValueError("odd"), EngineError("away"), "2024-05-13"])
    asked = []

    def fail(*arguments):
        asked.append(arguments)
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(pulling, "pull", fail)
    monkeypatch.setattr(pulling, "pull_older", lambda *_: "")
    settings = ServiceSettings(projects={"shop": tmp_path}, source="postgresql://x", pull_seconds=0.001)

    async def a_while():
        task = asyncio.create_task(pulling.keep_pulling(settings))
        while len(asked) < 4:  # noqa: ASYNC110 - the task says nothing else
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(a_while())
    assert [record.message for record in caplog.records] == [
        "shop: not pulled: ValueError: odd",
        "shop: not pulled: EngineError: away",
    ]


def test_a_server_begins_without_its_database_where_it_has_something_to_serve(shop, tmp_path):
    url = "postgresql://me:secret@127.0.0.1:9/shop"
    pull_all(ServiceSettings(projects={"shop": shop}, source=url))
    with pytest.raises(EngineError):
        pull_all(ServiceSettings(projects={"shop": tmp_path / "empty"}, source=url))


@pytest.mark.slow
def test_a_server_begins_with_what_it_has_whatever_is_wrong_in_its_database(shop, tmp_path, postgres, caplog):
    import psycopg  # noqa: PLC0415 - an extra

    scorecard = shop / "reports" / "scorecard" / "scorecard.json"
    scorecard.parent.mkdir(parents=True)
    scorecard.write_text("{}")
    export(shop, postgres, at=parse_moment(OLDER))
    mirror = tmp_path / "elsewhere" / "shop"
    settings = ServiceSettings(projects={"shop": mirror}, source=postgres)
    pull_all(settings)
    export(shop, postgres)
    for spoil, said in (
        ("UPDATE trail.report SET bytes = bytes || 'x'", "a damaged file 'scorecard/scorecard.json'"),
        ("UPDATE trail.file SET bytes = bytes || 'x' WHERE file = 'forecast.parquet'", "a damaged snapshot"),
        ("UPDATE trail.project SET project = 'another'", "no project 'shop'"),
    ):
        with psycopg.connect(postgres) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(spoil)
        if "damaged snapshot" in said:
            (mirror / "snapshots" / NEWER / FILES[0]).unlink()  # so that it is to be brought again
        caplog.clear()
        pull_all(settings)
        (line,) = [each.message for each in caplog.records if each.levelname == "ERROR"]
        assert line.startswith(f"shop: not pulled: {said}")
        assert standing(Workspace.open(mirror)).folder.name == (OLDER if "file" not in said else NEWER)
    with pytest.raises(DataError, match="no project"):
        pull_all(ServiceSettings(projects={"shop": tmp_path / "empty" / "shop"}, source=postgres))
