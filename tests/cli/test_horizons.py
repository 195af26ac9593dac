"""Any horizon from a day to a quarter, end to end on a simulated log of six years."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import learn_from, run
from trail.project import load_project, save_project

START, DAYS = datetime(2017, 1, 2, tzinfo=UTC), 2000
HISTORY = 8


@pytest.fixture(scope="module")
def years(synthetic, stood_in, tmp_path_factory):
    """A project of six years, learning from eight cutoffs."""
    folder = tmp_path_factory.mktemp("years")
    events, items = synthetic(events=20_000, days=DAYS, start=START)
    moments = events["timestamp"].cast("timestamp[us]").cast("string")
    table = events.select(["item_id", "user_id"]).append_column("timestamp", moments)
    pyarrow.csv.write_csv(table, folder / "events.csv")
    pyarrow.csv.write_csv(items.select(["item_id", "title", "categories"]), folder / "items.csv")
    shop = folder / "shop"
    files = ("--events", folder / "events.csv", "--items", folder / "items.csv")
    assert run("init", shop, *files).code == 0
    learn_from(shop, HISTORY)
    assert load_project(shop).history == HISTORY
    save_project(load_project(shop), shop)
    return shop


@pytest.mark.parametrize("days", [1, 28, 91])
def test_a_horizon_works_end_to_end(years, days):
    end = START + timedelta(days=DAYS - 6)
    done = run("backtest", years, "--origins", 2, "--horizon", days, "--until", f"{end:%Y-%m-%d}", "--json")
    assert done.code == 0, done.err
    assert {line["forecaster"] for line in done.json["table"]} >= {"trail", "no_llm_head", "decayed"}
    first, last = (datetime.fromisoformat(each) for each in done.json["test"])
    assert (last - first, last + timedelta(days=days)) == (timedelta(days=days), end)
    rows = pq.read_table(done.json["rows"]).to_pylist()
    assert {row["items"] for row in rows if row["scope"] == "all"} == {30}
    wapes = [row["value"] for row in rows if (row["scope"], row["metric"]) == ("all", "wape")]
    assert all(0 < value < 3 for value in wapes)
    folder = years / "reports" / f"backtest-{first:%Y-%m-%d}-2-{days}d"
    assert json.loads((folder / "champion.json").read_text())["forecaster"] in {
        "trail",
        "last_window",
        "decayed",
    }
    # two cutoffs between each two, where a horizon has room for them
    each = 1 if days == 1 else 3
    assert len(list((years / "cache").glob(f"cards-{days}d-*"))) == each * (HISTORY + 2)
