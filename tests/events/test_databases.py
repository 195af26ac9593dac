"""Tables of DuckDB, SQLite and PostgreSQL by URL."""

import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from trail.errors import ConfigError, DataError, EngineError
from trail.events import Source, guess

EXPECTED = [
    ("1", datetime(2023, 5, 1, tzinfo=UTC), "u2", 1.0, None, None),
    ("1", datetime(2023, 5, 3, 10, 30, tzinfo=UTC), None, 1.0, None, 1.25),
    ("2", datetime(2023, 5, 2, 10, tzinfo=UTC), "u1", 2.0, None, 3.5),
]
TABLE = "CREATE TABLE orders (item_id integer, ordered_at timestamp, customer varchar(20), count integer, price numeric(8, 2))"
ROWS = (
    "INSERT INTO orders VALUES (2, '2023-05-02 10:00:00', 'u1', 2, 3.5), (1, '2023-05-01 00:00:00', 'u2', 1, NULL),"
    " (1, '2023-05-03 10:30:00', NULL, NULL, 1.25)"
)


def made(folder: Path, kind: str, *, order: str = "") -> str:
    path = folder / f"shop.{kind}"
    connection = duckdb.connect(str(path)) if kind == "duckdb" else sqlite3.connect(path)
    for statement in (
        TABLE,
        ROWS,
        "CREATE TABLE goods (sku integer, title text)",
        "INSERT INTO goods VALUES (1, 'One')",
    ):
        connection.execute(statement)
    if order:
        connection.execute(f"CREATE TABLE again AS SELECT * FROM orders {order}")
        connection.execute("DROP TABLE orders")
    if kind == "sqlite":
        connection.commit()
    connection.close()
    return f"{kind}:///{path}"


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_table_by_url(shelf, kind: str) -> None:
    url = made(shelf.folder, kind)
    found = guess(url, table="orders")
    assert (found.format, found.name, found.files) == ("database", "orders", 0)
    first = shelf.read(found.source, Source(url, table="goods"))
    assert shelf.punctual() == EXPECTED
    assert [row["title"] for row in shelf.items()] == ["One", None]
    # A database is always read again; the same rows are the same data.
    again = shelf.read(found.source, Source(url, table="goods"))
    assert again.fresh
    assert again.fingerprint == first.fingerprint
    with pytest.raises(ConfigError, match=r"the table 'order'.*did you mean orders"):
        guess(url, table="order")
    with pytest.raises(ConfigError, match=r"2 tables and none named.*goods, orders"):
        guess(url)


def test_sqlite_keeps_anything_anywhere_and_bad_rows_are_still_found(shelf) -> None:
    url = made(shelf.folder, "sqlite")
    connection = sqlite3.connect(shelf.folder / "shop.sqlite")
    connection.execute("INSERT INTO orders VALUES ('x', 'soon', NULL, 1, 1)")
    connection.commit()
    connection.close()
    shelf.read(Source(url, table="orders"), share=0.5)
    assert [(row["row"], row["reason"]) for row in shelf.rejected()] == [("4", "an unreadable time")]
    assert shelf.rejected()[0]["file"] == f"{url}#orders"


def test_the_order_of_rows_in_a_database_is_not_data(shelf) -> None:
    prints = []
    for folder, order in (("one", "ORDER BY item_id"), ("two", "ORDER BY item_id DESC")):
        place = shelf.folder / folder
        place.mkdir()
        url = made(place, "duckdb", order=order)
        prints.append(shelf.read(Source(url, table="again")).fingerprint)
        path = shelf.out / "events.parquet"
        prints.append(path.read_bytes())
    # The place is part of how a database is known, its order is not.
    assert prints[1] == prints[3]


def test_what_can_go_wrong(shelf, monkeypatch) -> None:
    with pytest.raises(DataError, match="no database file"):
        guess(f"sqlite:///{shelf.folder}/absent.db")
    shelf.file("text.db", "not a database, but long enough to be looked at as if it were one\n" * 20)
    for scheme in ("sqlite", "duckdb"):
        with pytest.raises(EngineError, match="cannot be opened"):
            guess(f"{scheme}:///{shelf.folder}/text.db")
    with pytest.raises(ConfigError, match="the scheme 'mysql'"):
        guess("mysql://me@host/shop")
    for module in [
        name for name in sys.modules if name.split(".")[0] == "psycopg" or "ibis.backends.postgres" in name
    ]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'trail-forecast\[postgres\]'") as caught:
        guess("postgresql://me:secret@localhost:1/shop")
    assert "secret" not in str(caught.value)


@pytest.mark.slow
def test_postgresql(shelf, postgres: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra

    with psycopg.connect(postgres) as connection:
        connection.execute(TABLE)
        connection.execute(ROWS)
        connection.execute("CREATE SCHEMA other CREATE TABLE goods (sku uuid, title text)")
    shelf.read(Source(postgres, table="orders"))
    assert shelf.punctual() == EXPECTED
    with pytest.raises(ConfigError, match=r"2 tables and none named.*orders, other\.goods"):
        guess(postgres)
    with pytest.raises(DataError, match="only a header"):
        guess(postgres, "items", table="other.goods")
    with pytest.raises(EngineError, match="cannot be opened") as caught:
        guess(
            postgres.replace("/postgres", "/absent").replace("postgresql:/absent", "postgresql:/"), table="x"
        )
    assert "secret" not in str(caught.value)
    assert "secret" not in (shelf.out / "ingest.json").read_text()
