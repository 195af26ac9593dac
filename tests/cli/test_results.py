"""`bench/results.py`: from a project to rows without the log's names, to lists of the same model, to the page."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from bench import pages

from tests.evaluate.handmade import rows_for
from trail import operations
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.list_rows import ListRow
from trail.operations import listing
from trail.project import BacktestSettings, load_project, save_project

DAY = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def made_of():
    """The modules of the bench, which import each other by their bare names."""
    names = (
        "real",
        "results",
        "results_aims",
        "results_failed",
        "results_kept",
        "results_lists",
        "results_page",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(pages.__file__).parent))
        yield SimpleNamespace(**{name: import_module(name) for name in names})


@pytest.fixture
def bench(made_of, new_project, undrawn, monkeypatch, tmp_path):
    """Runs the bench on a project of the simulated log, with the model stood in for, and returns the page."""
    folder = new_project()
    tests = BacktestSettings(origins=2, validation=4, until="2024-05-20")
    save_project(replace(load_project(folder), backtest=tests), folder)
    log = made_of.real.Log("GB", "orders", "2024-05-20", 2)
    for module in (made_of.results, made_of.results_page):
        monkeypatch.setattr(module, "LOGS", {"shop": log, "other": log})
    monkeypatch.setattr(made_of.results, "_LISTED", ("most_pop", "decayed", "last_window"))
    page = tmp_path / "docs" / "results.md"

    def run(*options):
        where = ("--runs", str(folder.parent), "--to", str(page))
        monkeypatch.setattr(sys, "argv", ["results", "data", *options, *where])
        made_of.results.main()
        return page

    return run


def test_a_log_with_users_gets_rows_and_lists_of_one_task_and_its_page_says_all(bench, monkeypatch):
    page = bench("shop", "--no-lists")
    assert "lists for single users" not in page.read_text()
    text = bench("shop").read_text()
    kept = page.with_suffix("")
    names = ("shop", "shop-reliability", "shop-risers", "shop-lists")
    rows, bins, risers, lists = (pq.read_table(kept / f"{name}.parquet") for name in names)
    assert set(rows["task"].to_pylist()) == set(lists["task"].to_pylist())
    assert "trail" in lists["method"].to_pylist()
    assert bins.num_rows
    # what the log calls its items is not passed on
    assert set(risers["title"].to_pylist()) == {""}
    assert all(each.isdigit() for each in risers["item_id"].to_pylist())
    items, absent = json.loads((kept / "shop.json").read_text())["catalogue"]
    assert f"{absent} of the {items} items of the catalogue never occur in the log" in text
    assert "Not run: other." in text
    assert "A catalogue that lists only items that sold at some time flatters" in text
    for group in ("active", "new", "level:low", "age:old"):
        assert f"\n| {group} | " in text
    assert "\n| stated | " in text
    assert "Of the strongest rises of each test period, at most 50: trail found " in text
    assert "### shop, lists for single users" in text
    assert "| method | settings | hr@5 | hr@10 | ndcg@5 | ndcg@10 | users | s/origin |" in text
    for words in ("trail | the best list for all", "most_pop + trail | the best recommender alone"):
        assert f"\n| {words} | " in text
    assert "hr@10: most_pop + trail minus most_pop " in text
    assert "\n## What did not work\n" in text

    def never(*_, **__):
        raise AssertionError("measured again")

    monkeypatch.setattr(operations, "backtest", never)
    monkeypatch.setattr(listing, "lists", never)
    assert bench("shop").read_text() == bench("--page").read_text() == text
    # rows of before these parts were kept
    for name in (*(f"{each}.parquet" for each in names[1:]), "shop-lists.json"):
        (kept / name).unlink()
    older = bench("--page").read_text()
    assert "\n| level:low | " in older
    for part in ("| stated |", "strongest rises of each", "lists for single users"):
        assert part not in older


def test_every_making_of_the_rows_is_counted_as_a_look(bench, made_of, monkeypatch):
    page = bench("shop", "--no-lists", "--no-model")
    facts, once = (
        page.with_suffix("") / "shop.json",
        "or some of them, were looked at once while this was developed",
    )
    assert json.loads(facts.read_text())["looks"] == 1
    assert once in page.read_text()
    # the count of the project's own folder would say otherwise
    assert "Run 1 on these test origins" not in page.read_text()
    bench("shop", "--no-lists", "--no-model")  # done already
    assert once in page.read_text()
    bench("shop", "--no-lists", "--no-model", "--with", "decayed")
    assert json.loads(facts.read_text())["looks"] == 2
    assert "were looked at 2 times while" in page.read_text()
    # rows of before looks were counted: what the log of experiments tells
    facts.write_text(
        json.dumps({key: each for key, each in json.loads(facts.read_text()).items() if key != "looks"})
    )
    monkeypatch.setitem(made_of.results_kept._TOLD, "shop", 5)
    assert "were looked at 5 times while" in bench("--page").read_text()


def test_a_log_without_users_has_no_lists(made_of, monkeypatch, tmp_path):
    log = SimpleNamespace(log=SimpleNamespace(has_users=False))
    monkeypatch.setattr(made_of.results, "prepare", lambda _: log)
    monkeypatch.setattr(made_of.results.Workspace, "open", lambda _: None)
    asked = made_of.results.Asked((), (), use_model=True, smaller=False)
    made_of.results.run_lists("shop", tmp_path, asked, tmp_path)
    assert not list(tmp_path.glob("shop*"))


def test_lists_take_the_model_of_the_first_seed_of_the_backtest(bench):
    page = bench("shop", "--seeds", "3,4")
    lists = pq.read_table(page.with_suffix("") / "shop-lists.parquet")
    assert set(lists["seed"].to_pylist()) == {3}
    assert "trail" in lists["method"].to_pylist()


def rows_of(values):
    """Rows of lists at one validation origin and two test origins: method -> its value of every metric there and here."""
    about = {"task": "", "settings": "", "scope": "active", "relevant": "all", "users": 1, "newcomers": 0}
    about |= {"unmeasured": 0, "seconds": 0.0, "versions": "{}", "seed": 0}
    return [
        ListRow(
            **about, method=name, split=split, metric=metric, origin=DAY + timedelta(days=at), value=value
        )
        for name, (before, after) in values.items()
        for metric in LIST_METRICS
        for at, (split, value) in enumerate((("validation", before), ("test", after), ("test", after)))
    ]


def test_lists_are_set_beside_the_best_of_each_kind_on_test(made_of):
    alone = {"trail": 0.3, "most_pop": 0.2, "decayed": 0.25, "stack": 0.3, "pare": 0.1, "ials": 0.32}
    blends = {"ials + trail": (0.4, 0.31), "bpr + trail": (0.2, 0.9), "ials + decayed": (0.1, 0.35)}
    rows = rows_of({name: (0.1, value) for name, value in alone.items()} | blends)
    found = {
        (words, mine): set(rivals.values())
        for words, mine, rivals in made_of.results_lists.list_rivals(rows, ("stack",))
    }
    assert found == {
        ("the best list for all", "trail"): {"stack"},
        ("the best of them but our own mixtures and log trees", "trail"): {"decayed"},
        ("pare", "trail"): {"pare"},
        ("the best recommender alone", "ials + trail"): {"ials"},
        ("the best blend without trail", "ials + trail"): {"ials + decayed"},
    }
    assert made_of.results_failed.list_losses(rows) == [
        "Lists of trail beside the best list for all: level in hr@10 (stack), ndcg@10 (stack).",
        "Lists of ials + trail beside the best recommender alone: worse in hr@10 (ials), ndcg@10 (ials).",
        "Lists of ials + trail beside the best blend without trail: worse in hr@10 (ials + decayed), ndcg@10 (ials + decayed).",
    ]
    assert not list(made_of.results_lists.list_rivals([row for row in rows if "trail" not in row.method], ()))


def test_what_did_not_work_is_what_the_rows_say(made_of):
    rows = rows_for({}, {"trail": 0.8, "decayed": 0.9, "blend": 0.5, "no_llm_head": 0.8, "trail_hidden": 1.5})
    told = "\n".join(made_of.results_failed.losses(rows))
    assert (
        "Beside the best baseline: worse in ndcg@50 (blend), wape (blend), rmsle (blend), risers@50 (blend)."
        in told
    )
    # decayed is worse than trail, and so is trail without titles: nothing to tell
    assert "but our own mixtures" not in told
    assert "without sight" not in told
    assert "Beside itself without the text (no_llm_head): level in ndcg@50, wape, rmsle, risers@50." in told
    assert "correction is off" not in told
    # one figure in common is no correction that is off
    half = {
        (row.origin, row.metric): row.value
        for row in rows
        if row.forecaster == "decayed" and row.metric == "wape"
    }
    alike = [
        replace(row, value=half.get((row.origin, row.metric), row.value))
        if row.forecaster == "trail"
        else row
        for row in rows
    ]
    told = "\n".join(made_of.results_failed.losses(alike))
    assert "no different in wape (decayed)" in told
    assert "correction is off" not in told
    same = [replace(row, forecaster="trail") for row in rows if row.forecaster == "blend"]
    off = made_of.results_failed.losses([*same, *(row for row in rows if row.forecaster != "trail")])
    assert off[0] == "Its correction is off: trail is blend, origin by origin."
    assert "Beside the best baseline: no different in ndcg@50 (blend)" in off[1]


def test_aims_count_the_logs_that_reach_them(made_of, monkeypatch):
    rivals = {"decayed": 1.0, "stack": 0.5, "no_llm_head": 1.0}
    logs = {
        "won": rows_for({}, {"trail": 0.5, **rivals}),
        "level": rows_for({}, {"trail": 1.0, **rivals, "stack": 1.0}),
        "lost": rows_for({}, {"trail": 2.0, **rivals}),
        "untried": rows_for({}, rivals),
    }
    monkeypatch.setattr(made_of.results_aims, "rows_kept", lambda name, *_: logs[name])
    told = made_of.results_aims.aims(tuple(logs), Path())
    assert "Over 3 logs" in told
    lines = {
        tuple(cells[1:3]): cells[3:5]
        for line in told.splitlines()
        if len(cells := [each.strip() for each in line.split("|")]) > 5
    }
    assert lines["the best baseline that was not made here", "wape"] == ["2 of 3", "1"]
    assert lines["the best baseline", "wape"] == ["2 of 3", "0"]
    assert lines["itself without the text", "ndcg@50"] == ["2 of 3", "1"]
    assert "(so on 1)" in told
    assert "Coverage within its aim: of all active items on" in told
    assert not made_of.results_aims.aims(("untried",), Path())


def test_coverage_is_judged_by_group_but_not_of_items_that_their_outcome_picks(made_of):
    rows = [row for row in rows_for({}, {"trail": 0.8}) if row.metric in ("coverage", "coverage_gap")]
    rows = [
        replace(row, scope=scope, value=gap)
        for scope, gap in {
            "active": 0.03,
            "level:low": 0.03,
            "level:high": -0.05,
            "new": -0.4,
            "all": 0.3,
        }.items()
        for row in rows
    ]
    beyond = {scope: wide for scope, (_, wide) in made_of.results_page.gaps(rows).items()}
    assert beyond == {"active": True, "new": False, "level:low": False, "level:high": True}
    assert (
        made_of.results_failed.losses(rows)[-1]
        == "Coverage beyond the aim: active +0.030, level:high -0.050."
    )
    assert "| level:high | 50 | -0.050 | **-0.050** |" in made_of.results_page.covered(rows)[1]


def test_names_of_the_log_are_numbers(made_of):
    rows = [
        replace(rows_for({}, {"trail": 1.0})[0], scope=scope)
        for scope in ("category:toys", "active", "category:art")
    ]
    assert [row.scope for row in made_of.results_kept.numbered(rows)] == [
        "category:2",
        "active",
        "category:1",
    ]
