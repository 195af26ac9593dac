"""Every command, as a person and as a program meets it."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import CHEAP, run
from trail import __version__
from trail.baselines import BASELINES
from trail.model.settings import ModelSettings
from trail.operations.estimating import _FIT_SECONDS, _refit, _size, _training
from trail.project import load_project
from trail.snapshots import open_snapshot

LAST = datetime(2024, 5, 20, tzinfo=UTC)  # the first midnight after the log's 20 weeks
VERBS = ("demo", "init", "plan", "train", "forecast", "backtest", "explain", "verify", "scorecard", "diff")


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb):
    done = run(verb, "--help")
    assert done.code == 0
    assert f"Example: trail {verb} " in " ".join(done.out.split())


def test_version():
    assert run("--version").out.strip() == f"trail {__version__}"


def test_init_shows_what_it_guessed(files, stood_in, tmp_path):
    made = tmp_path / "shop"
    arguments = ("--events", files / "orders.csv", "--items", files / "items.csv", "--country", "GB")
    done = run("init", made, *arguments, "--json")
    guesses = {(each["role"], each["column"]): each["source"] for each in done.json["guesses"]}
    assert guesses["events", "item_id"] == "item_id"
    assert guesses["items", "title"] == "title"
    project = load_project(made)
    assert project.country == "GB"
    assert json.loads(json.dumps(project.as_dict())) == done.json["project"]
    assert not project.events[0].location.startswith("/")
    again = run("init", made, *arguments)
    assert again.code == 2
    assert "trail.toml" in again.err


def test_init_prints_a_table(files, stood_in, tmp_path):
    out = run("init", tmp_path / "shop", "--events", files / "orders.csv").out
    assert "timestamp" in out
    assert "trail plan" in out


def test_init_takes_a_column_that_it_is_told(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("thing,other,seen\na,b,2024-01-01\nc,d,2024-01-02\n")
    refused = run("init", tmp_path / "shop", "--events", log)
    assert "no column for item_id among thing, other, seen" in refused.err
    assert "--column item_id=" in refused.err
    assert not (tmp_path / "shop").exists()
    run("init", tmp_path / "shop", "--events", log, "--column", "item_id=other", "--column", "user_id=thing")
    assert load_project(tmp_path / "shop").events[0].columns == {
        "item_id": "other",
        "timestamp": "seen",
        "user_id": "thing",
    }


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["item_id=othr"], "no column 'othr' for item_id among thing, other, seen"),
        (["item_id=othr"], "did you mean other"),
        (["item_id=other", "weight=number"], "the column weight=number"),
        (["item_id=other", "title=thing"], "add --items FILE"),
        (["itemid=other", "item_id=other"], "did you mean item_id"),
        (["item_id"], "expected: each column once, as item_id=sku"),
    ],
)
def test_init_refuses_a_told_column_that_is_not_there(tmp_path, columns, message):
    log = tmp_path / "log.csv"
    log.write_text("thing,other,seen\na,b,2024-01-01\nc,d,2024-01-02\n")
    told = [part for each in columns for part in ("--column", each)]
    done = run("init", tmp_path / "shop", "--events", log, *told)
    assert done.code in (2, 3)
    assert message in " ".join(done.err.split())
    assert not (tmp_path / "shop").exists()


def test_plan_tells_what_it_found(new_project):
    folder = new_project()
    # twelve origins are too many for a log of twenty weeks
    assert [each["about"] for each in run("plan", folder, "--json").json["troubles"]] == ["backtest"]
    text = (folder / "trail.toml").read_text()
    (folder / "trail.toml").write_text(text.replace("origins = 12", "origins = 3"))
    done = run("plan", folder, "--json")
    assert done.code == 0, done.out
    assert done.json["ready"] is True
    assert done.json["facts"]["items"].startswith("120 ")
    assert done.json["facts"]["arrivals"] == "not in the log: events count as known when they happen"
    assert done.json["facts"]["learns from"] == "16 weeks"  # 20 weeks, less four without enough history
    assert [each["command"] for each in done.json["estimates"]] == [
        "train",
        "backtest",
        "backtest, a further seed adds",
        "backtest, ablations add",
        "backtest, untuned adds",
        "forecast",
        "forecast --no-model",
    ]
    minutes = {each["command"]: each["minutes"] for each in done.json["estimates"]}
    # three ablations train everything again, two of them only what follows the scores
    assert 3 * minutes["train"] < minutes["backtest, ablations add"] < 5 * minutes["backtest"]
    assert all(each["minutes"] > 0 and each["memory_gb"] > 1 for each in done.json["estimates"])
    # a further seed does all again but the cards; the model of a backtest keeps its state for the ablations
    assert minutes["train"] < minutes["backtest, a further seed adds"] < minutes["backtest"]
    disk = {each["command"]: each["disk_gb"] for each in done.json["estimates"]}
    assert disk["backtest"] - disk["train"] == pytest.approx(0.072)
    assert disk["backtest, a further seed adds"] == pytest.approx(2 * 0.072)


def test_the_plan_of_a_refit_follows_rows_and_forecasters():
    """Three times the rows take three times as long, up to where trees take no more; shared trees are grown once."""
    formula, trees = ["decayed"], ["decayed", "lightgbm"]
    assert _size(30_000, 30_000) == pytest.approx(3 * _size(10_000, 10_000))
    assert _size(10**9, 10**9) == _size(10**8, 10**8) == 1
    # with the cutoffs between, trees take twice the rows
    assert _size(10**8, 3 * 10**8) == 2
    assert _refit(trees, 2) == 2 * _refit(trees, 1)
    assert (
        _refit([*trees, "stack"], 1) == _refit(["stack"], 1) > 2 * _refit(trees, 1) > 6 * _refit(formula, 1)
    )
    assert _refit([], 1) == 0.0
    assert set(_FIT_SECONDS) <= set(BASELINES)


def test_the_plan_of_a_training_counts_no_more_rows_than_there_are():
    """Fifty items at sixty cutoffs are 3,000 rows, of the 6,000 that the settings ask for."""
    settings = ModelSettings(priors=("decayed",))
    small, large = (_training(settings, items, 60, 1.0, 1.0) for items in (50, 5_000))
    assert small < 0.85 * large
    assert _training(settings, 10_000, 60, 1.0, 1.0) == pytest.approx(large, rel=0.02)
    # beyond the shortlist and the latest cutoffs that the model learns from, only the prior's refits grow
    assert _training(settings, 50, 400, 1.0, 1.0) < 1.5 * _training(settings, 50, 200, 1.0, 1.0)


def test_plan_lists_every_problem_at_once(new_project):
    folder = new_project()
    text = (folder / "trail.toml").read_text()
    text = text.replace("orders.csv", "gone.csv")
    text = text.replace('backbone = "smollm2-135m-instruct"', 'backbone = "/no/such/model"')
    (folder / "trail.toml").write_text(text)
    done = run("plan", folder, "--json")
    assert done.code == 3
    assert done.json["ready"] is False
    assert {each["about"] for each in done.json["troubles"]} >= {"data", "model"}


def test_plan_knows_that_a_log_is_too_short(new_project):
    folder = new_project()
    text = (folder / "trail.toml").read_text().replace("horizon_days = 7", "horizon_days = 28")
    (folder / "trail.toml").write_text(text)
    done = run("plan", folder, "--json")
    assert done.code == 3
    assert {each["about"] for each in done.json["troubles"]} == {"history", "backtest"}


def test_train_keeps_a_record_and_does_not_train_twice(new_project, stood_in):
    folder = new_project()
    stood_in.calls.clear()
    done = run("train", folder, "--until", "2024-05-06", "--json")
    assert done.json["name"] == "2024-05-06"
    assert done.json["already"] is False
    assert done.json["fingerprint"] == stood_in.FINGERPRINT
    (trained,) = [call for call in stood_in.calls if call[0] == "train"]
    # 14 cutoffs, and no outcome after the moment asked for
    assert trained == ("train", 14, datetime(2024, 5, 6, tzinfo=UTC), False)
    assert run("train", folder, "--until", "2024-05-06", "--json").json["already"] is True
    assert len([call for call in stood_in.calls if call[0] == "train"]) == 1
    other = (folder / "trail.toml").read_text().replace("seed = 0", "seed = 1")
    (folder / "trail.toml").write_text(other)
    refused = run("train", folder, "--until", "2024-05-06")
    assert refused.code == 2
    assert "--name" in refused.err
    assert run("train", folder, "--until", "2024-05-06", "--name", "second", "--resume").code == 0
    assert stood_in.calls[-2][0] == "train"
    assert stood_in.calls[-2][3] is True


def test_forecast_is_sealed_and_shown(shop):
    snapshot = open_snapshot(shop / "snapshots" / "2024-05-20")
    assert snapshot.manifest.moment == LAST
    assert (snapshot.manifest.k, snapshot.manifest.items, len(snapshot.explanations)) == (10, 120, 3)
    assert snapshot.cards.item_ids == snapshot.forecast["item_id"].to_pylist()
    done = run("forecast", shop, "--explain", 3, "--top", 10, "--json")
    assert done.code == 0
    assert done.json["already"] is True
    assert done.json["manifest"]["seal"] == snapshot.manifest.seal
    items = done.json["items"]
    assert [row["rank"] for row in items] == list(range(1, 11))
    assert {"expected", "q10", "q50", "q90", "p_top", "prior", "forecaster", "title", "score"} <= set(
        items[0]
    )
    assert items[0]["expected"] == pytest.approx(items[0]["prior"] * 1.1)
    words = items[0]["explanation"]
    assert words["holds"] is True
    assert words["source"] == "model"
    assert {each["verdict"] for each in words["receipts"]} <= {"supported", "context"}
    assert items[3]["explanation"] is None
    assert sum(pq.read_table(snapshot.folder / "forecast.parquet")["p_top"].to_pylist()) == pytest.approx(10)


def test_forecast_prints_texts_with_receipts(shop):
    out = run("forecast", shop, "--explain", 3, "--top", 10).out
    assert "written by the model" in out
    assert "supported: " in out
    assert "seal " in out


def test_another_forecast_at_the_same_cutoff_is_refused(shop):
    done = run("forecast", shop, "--explain", 2, "--top", 10, "--json")
    assert done.code == 2
    error = json.loads(done.err.splitlines()[-1])
    assert error["error"] == "ConfigError"
    assert "already sealed" in error["found"]


def test_forecast_without_the_model_serves_the_best_baseline(new_project):
    folder = new_project()
    done = run("forecast", folder, "--no-model", "--explain", 2, "--json")
    assert done.code == 0, done.err
    assert done.json["model"] == ""
    assert {row["forecaster"] for row in done.json["items"]} <= set(CHEAP)
    assert {row["explanation"]["source"] for row in done.json["items"][:2]} == {"plain"}
    assert run("verify", folder / "snapshots" / "2024-05-20").code == 0


def test_a_forecast_by_the_model_needs_one_that_knows_nothing_after_the_cutoff(new_project, shop):
    none = run("forecast", new_project(), "--by", "trail")
    assert none.code == 5
    assert "trail train" in none.err
    earlier = run("forecast", shop, "--at", "2024-05-13", "--by", "trail", "--json")
    assert earlier.code == 5
    named = run("forecast", shop, "--at", "2024-05-13", "--model", "2024-05-20")
    assert named.code == 2
    assert "2024-05-13" in named.err


@pytest.mark.parametrize("moment", ["2024-07-01", "2023-12-01"])
def test_a_cutoff_outside_the_log_is_a_data_error(shop, moment):
    assert run("forecast", shop, "--at", moment, "--no-model").code == 3


def test_explain_an_item_that_was_shown_and_one_that_was_not(shop, stood_in):
    ranked = open_snapshot(shop / "snapshots" / "2024-05-20").forecast["item_id"].to_pylist()
    stood_in.calls.clear()
    shown = run("explain", shop, ranked[1], "--json").json
    assert (shown["sealed"], shown["outlook"]["rank"], stood_in.calls) == (True, 2, [])
    unseen = run("explain", shop, ranked[60], "--json").json
    assert (unseen["sealed"], unseen["outlook"]["rank"], unseen["item_id"]) == (False, 61, ranked[60])
    assert stood_in.calls[-1][0] == "explain"
    counted = [each for each in unseen["explanation"]["receipts"] if each["signal"] == "count_1"]
    for each in counted:
        assert (each["start"][:10], each["end"][:10]) == ("2024-05-13", "2024-05-20")
    unknown = run("explain", shop, "no-such-item", "--json")
    assert unknown.code == 3
    error = json.loads(unknown.err.splitlines()[-1])
    assert "no-such-item" in error["found"]
    assert error["fix"]
    meant = run("explain", shop, ranked[0].upper(), "--json")
    assert f"did you mean {ranked[0]}" in json.loads(meant.err.splitlines()[-1])["fix"]


def test_receipts_and_drivers_speak_as_the_page_does(shop, monkeypatch):
    """What a claim is about, with its days; the signal's own name stands beside, as `--query` asks for it."""
    monkeypatch.setenv("COLUMNS", "200")
    snapshot = open_snapshot(shop / "snapshots" / "2024-05-20")
    item = snapshot.cards.item_ids[0]
    out = " ".join(run("explain", shop, item).out.split())
    assert "receipts" in out
    assert "the window" not in out
    assert "null" not in out
    assert "driver: the item's earlier level raised the forecast by 35% (Mean orders a week" in out
    assert (
        "driver: the latest change lowered the forecast by 10% (Orders more or fewer than the week before, 13 to 19 May 2024: change)"
        in out
    )
    assert "Orders expected, 20 to 26 May 2024" in out
    assert "<- Orders expected, 20 to 26 May 2024: " in run("forecast", shop, "--explain", 3, "--top", 10).out


@pytest.mark.parametrize("signal", ["count_1", "rank", "level_three"])
def test_the_query_behind_a_receipt_gives_its_number(shop, monkeypatch, signal):
    snapshot = open_snapshot(shop / "snapshots" / "2024-05-20")
    item = snapshot.cards.item_ids[1]
    sql = run("explain", shop, item, "--query", signal, "--json").json["sql"]
    monkeypatch.chdir(shop)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert connection.execute(sql).fetchall() == [(item, pytest.approx(snapshot.card(item)[signal]))]


def test_the_query_of_no_signal_names_near_ones(shop):
    done = run("explain", shop, "item-001", "--query", "cuont_1")
    assert done.code == 2
    assert "count_1" in done.err


def test_explain_tells_sealed_facts_in_another_form_and_language(shop, stood_in):
    """No form is written by the model, none claims what a longer one does not, and the English text is what is checked."""
    item = open_snapshot(shop / "snapshots" / "2024-05-20").cards.item_ids[1]
    stood_in.calls.clear()
    forms = {
        length: run("explain", shop, item, "--length", length, "--json").json
        for length in ("short", "normal", "long")
    }
    said = [{each["signal"] for each in form["explanation"]["receipts"]} for form in forms.values()]
    assert said[0] <= said[1] <= said[2]
    assert all(form["explanation"]["source"] == "plain" and not form["sealed"] for form in forms.values())
    assert all(form["explanation"]["holds"] and form["translation"] is None for form in forms.values())
    engineer = run("explain", shop, item, "--for", "engineer", "--json").json
    assert engineer["explanation"]["text"] != forms["normal"]["explanation"]["text"]
    assert {each["signal"] for each in engineer["explanation"]["receipts"]} == said[1]
    german = run("explain", shop, item, "--language", "de", "--json").json
    assert "ir erwarten" in german["translation"]
    assert german["explanation"]["text"] == forms["normal"]["explanation"]["text"]
    assert "ir erwarten" in run("explain", shop, item, "--language", "de").out
    assert stood_in.calls == []


@pytest.mark.parametrize("asked", [
    ("--length", "tiny"),
    ("--for", "poet"),
    ("--language", "xx"),
    ("--for", "engineer", "--language", "de"),
])  # fmt: skip
def test_explain_knows_the_forms_that_there_are(shop, asked):
    done = run("explain", shop, "item-001", *asked)
    assert done.code == 2
    assert asked[-2] in done.err


def test_explain_needs_a_forecast(new_project, shop):
    assert run("explain", new_project(), "item-001").code == 2
    assert run("explain", shop, "item-001", "--at", "2024-05-13").code == 2


def test_verify_exits_3_where_something_was_altered(shop, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(shop / "snapshots" / "2024-05-20", folder)
    good = run("verify", folder, "--json")
    assert (good.code, good.json["holds"], good.json["texts"]) == (0, True, 3)
    assert run("verify", folder, "--seal", good.json["seal"]).code == 0
    assert run("verify", folder, "--seal", "0000").code == 3
    data = bytearray((folder / "explanations.parquet").read_bytes())
    data[50] ^= 1
    (folder / "explanations.parquet").write_bytes(data)
    bad = run("verify", folder, "--json")
    assert (bad.code, bad.json["holds"]) == (3, False)
    assert "explanations.parquet" in run("verify", folder).out
    assert run("verify", tmp_path).code == 3


def test_diff_of_a_snapshot_with_itself_moves_nothing(shop):
    folder = shop / "snapshots" / "2024-05-20"
    moves = run("diff", folder, folder, "--top", 5, "--json").json["moves"]
    assert [(move["after"], move["places"]) for move in moves] == [(rank, 0) for rank in range(1, 6)]


def test_backtest_compares_the_model_with_the_baselines(new_project, stood_in):
    folder = new_project()
    stood_in.calls.clear()
    done = run("backtest", folder, "--origins", 3, "--until", "2024-05-20", "--json")
    assert done.code == 0, done.err
    assert {line["forecaster"] for line in done.json["table"]} == {
        "last_window",
        "decayed",
        "trail",
        "no_llm_head",
        "no_llm_full",
        "trail_full",
        "trail_hidden",
    }
    assert [day[:10] for day in done.json["test"]] == ["2024-04-29", "2024-05-06", "2024-05-13"]
    assert len(done.json["validation"]) == 4
    # trained once, on outcomes known at the first test origin
    (trained,) = [call for call in stood_in.calls if call[0] == "train"]
    assert trained[2] == datetime(2024, 4, 29, tzinfo=UTC)
    assert done.json["model"].startswith("backtest-")
    for name in ("report.html", "rows.parquet", "summary.md"):
        assert (folder / "reports" / "backtest-2024-04-29-3" / name).is_file()
    # the second run takes the finished model, and a forecast never takes a backtest's
    assert run("backtest", folder, "--origins", 3, "--until", "2024-05-20").code == 0
    assert len([call for call in stood_in.calls if call[0] == "train"]) == 1
    assert run("forecast", folder).code == 5


def test_backtest_without_the_model(new_project):
    done = run("backtest", new_project(), "--origins", 2, "--until", "2024-05-20", "--no-model")
    assert done.code == 0, done.err
    assert "decayed" in done.out
    assert "trail " not in done.out.split("report:")[0]


def test_explain_names_the_nearest_launches_of_a_new_item_and_of_no_other(shop):
    done = run("explain", shop, "item-119", "--json").json  # it never sold
    assert done["launches"]
    assert all(each["count"] > 0 and 0 < each["similarity"] <= 1 for each in done["launches"])
    assert f"Its nearest launches: {done['launches'][0]['title']}" in run("explain", shop, "item-119").out
    snapshot = open_snapshot(shop / "snapshots" / "2024-05-20")
    # they were sealed with the forecast: what the service shows, and what is read here
    assert [each.item_id for each in snapshot.launches("item-119")] == [
        each["item_id"] for each in done["launches"]
    ]
    told = {
        each["item_id"]: each
        for each in run("forecast", shop, "--explain", 3, "--top", 10, "--json").json["items"]
    }
    old = snapshot.forecast["item_id"][0].as_py()
    assert told[old]["launches"] == []
    assert run("explain", shop, old, "--json").json["launches"] == []
    assert "nearest launches" not in run("explain", shop, old).out


def test_the_package_starts_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "trail", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == run("--version").out.split()
