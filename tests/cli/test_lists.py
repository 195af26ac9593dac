"""`trail lists`: what it measures, what it leaves out and says so, what it refuses."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import run
from trail.baselines import LINE_UP, draws
from trail.baselines.recommenders import RECOMMENDERS, MostPop
from trail.evaluate import list_backtest
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.list_rows import ListRow
from trail.operations import list_notes, listing
from trail.operations.backtesting import RUNS
from trail.operations.blending import blend_weight
from trail.operations.list_notes import against
from trail.operations.workspace import Workspace

DAY = datetime(2024, 5, 6, tzinfo=UTC)
ASKED = ("--origins", 2, "--until", "2024-05-20", "--no-model")
PLAIN = ("--with", "most_pop", "--with", "decayed", "--with", "last_window")


def test_measures_the_named_and_counts_the_look(new_project):
    folder = new_project()
    found = run("lists", folder, *ASKED, *PLAIN, "--json").json
    blends = {"most_pop + decayed", "most_pop + last_window"}
    assert {line["method"] for line in found["table"]} == {"most_pop", "decayed", "last_window", *blends}
    assert all(
        0 <= line[name] <= 1 for line in found["table"] for name in ("hr@5", "hr@10", "ndcg@5", "ndcg@10")
    )
    assert " users over 2 test origins; left out: " in found["notes"][0]
    assert not any("drawn by the seed" in note for note in found["notes"])
    assert found["notes"][-1] == "Run 1 on these test origins in this project."
    rows = pq.read_table(folder / "reports" / "lists-2024-05-06-2" / "rows.parquet")
    assert set(rows["split"].to_pylist()) == {"validation", "test"}
    assert (folder / "reports" / "lists-2024-05-06-2" / "summary.md").read_text().count("| most_pop |") == 3
    assert found["report"] == str(folder / "reports" / "lists-2024-05-06-2" / "report.html")
    assert "Lists of " in (folder / "reports" / "lists-2024-05-06-2" / "report.html").read_text()
    assert (found["seeds"], found["seed_spread"]) == ([0], {})
    shown = run("lists", folder, *ASKED, *PLAIN).out
    assert "Run 2 on these test origins" in shown
    assert "most_pop" in shown
    line = json.loads((folder / "reports" / RUNS).read_text().splitlines()[0])
    assert (line["report"], line["model"]) == ("lists-2024-05-06-2", "")


def test_lists_killed_between_origins_go_on(new_project, monkeypatch):
    folder, fits, fit = new_project(), [], MostPop.fit
    options = len(RECOMMENDERS["most_pop"])
    # every setting at four validation origins, the winner there once more, and at two test origins
    whole, stop = 4 * options + 4 + 2, set()

    def fitted(self, known):
        fits.append(self.windows)
        if len(fits) in stop:
            raise KeyboardInterrupt
        return fit(self, known)

    def more(*names):
        fits.clear()
        return run("lists", folder, *ASKED, *names).code, len(fits)

    monkeypatch.setattr(MostPop, "fit", fitted)
    assert 1 < options < 7 < 2 * options
    stop.add(7)  # inside the second validation origin
    assert more(*PLAIN)[0] != 0
    stop.clear()
    stop.add(3 * options + 3)  # after the settings, inside the third origin of the blends
    # what was whole is not measured again: the origins before the one that was cut off
    code, fitted_again = more(*PLAIN)
    assert (code != 0, fitted_again) == (True, 3 * options + 3)
    stop.clear()
    fits.clear()
    done = run("lists", folder, *ASKED, *PLAIN, "--json").json
    assert len(fits) == 2 + 2  # the third and the fourth, and the tests
    assert more(*PLAIN) == (0, 0)
    assert run("lists", folder, *ASKED, *PLAIN, "--json").json["table"] == done["table"]
    # other names are another measurement
    assert more("--with", "most_pop", "--with", "decayed") == (0, whole)


def test_says_that_users_were_drawn(new_project, monkeypatch):
    folder, words = (
        new_project(),
        "Settings and weights are chosen on at most 5 users of an origin, drawn by the seed",
    )
    for module in (list_backtest, list_notes):
        monkeypatch.setattr(module, "MOST_USERS", 5)
    notes = run("lists", folder, *ASKED, *PLAIN, "--json").json["notes"]
    assert f"{words}: so many at 4 of 4 validation origins." in notes


def test_what_is_not_installed_is_left_out_and_said(new_project, monkeypatch):
    monkeypatch.setattr("trail.baselines.recommenders.find_spec", lambda _: None)
    found = run("lists", new_project(), *ASKED, "--with", "ials", *PLAIN, "--json").json
    assert "ials" not in {line["method"] for line in found["table"]}
    assert any(
        note.startswith("ials is left out: implicit, threadpoolctl not installed") for note in found["notes"]
    )


def test_blends_the_model_of_the_same_origins(new_project, undrawn):
    folder = new_project()
    asked = ("--origins", 2, "--until", "2024-05-20")
    lacking = run("lists", folder, *asked, *PLAIN)
    assert lacking.code == 5
    assert "run `trail backtest`" in lacking.err
    assert run("backtest", folder, *asked).code == 0
    found = run("lists", folder, *asked, "--with", "most_pop", "--json").json
    alone = {"most_pop", "decayed", "trail"}  # and its prior
    blends = {"most_pop + decayed", "most_pop + trail"}
    assert {line["method"] for line in found["table"]} == alone | blends
    assert found["model"].startswith("backtest-")
    words = " ".join(found["notes"])
    assert "trail was trained once" in words
    assert "chosen on the 4 of 4 validation origins" in words
    # its list has an interval beside every list for all
    for other in ("most_pop", "decayed"):
        for metric in ("hr@10", "ndcg@10"):
            assert f"{metric}: trail minus {other} " in words
    rows = pq.read_table(folder / "reports" / "lists-2024-05-06-2" / "rows.parquet").to_pylist()
    tested = pq.read_table(folder / "reports" / "backtest-2024-05-06-2" / "rows.parquet")
    assert {row["task"] for row in rows} == set(tested["task"].to_pylist())
    measured = {row["origin"] for row in rows if (row["method"], row["split"]) == ("trail", "validation")}
    assert [f"{each:%m-%d}" for each in sorted(measured)] == ["04-08", "04-15", "04-22", "04-29"]


def test_a_model_is_blended_on_what_it_held_out_alone(new_project, undrawn, monkeypatch):
    folder = new_project()
    text = (folder / "trail.toml").read_text()
    (folder / "trail.toml").write_text(text.replace("validation_origins = 4", "validation_origins = 3"))
    asked = ("--origins", 2, "--until", "2024-05-20")
    assert run("backtest", folder, *asked).code == 0
    seen = []
    monkeypatch.setattr(listing, "backtest_lists", lambda *_, late, **__: seen.extend(late) or [])
    monkeypatch.setattr(listing, "write_list_report", lambda *_, **__: None)
    found = listing.lists(folder, origins=2, until="2024-05-20", names=("most_pop",))
    assert [f"{each:%m-%d}" for each in seen[0].held_out] == ["04-15", "04-22", "04-29"]
    assert any("chosen on the 3 of 4 validation origins" in note for note in found.notes)


def test_every_forecaster_may_be_named_and_draws_with_the_seed_of_the_project(new_project, monkeypatch):
    folder = new_project()
    path = folder / "trail.toml"
    head, _, model = path.read_text().partition("[model]")
    path.write_text(f"{head}[model]{model.replace('seed = 0', 'seed = 7', 1)}")
    seen, tried = [], {}

    def measured(events, history, recommenders, forecasters, *_, **__):
        tried.update(recommenders)
        seen.extend(forecasters)
        return []

    monkeypatch.setattr(listing, "backtest_lists", measured)
    monkeypatch.setattr(listing, "lacking", lambda _: [])
    monkeypatch.setattr(listing, "write_list_report", lambda *_, **__: None)
    listing.lists(folder, origins=2, until="2024-05-20", names=[*RECOMMENDERS, *LINE_UP], use_model=False)
    assert {each.seed for options in tried.values() for each in options if hasattr(each, "seed")} == {7}
    assert {name: len(options) for name, options in tried.items()} == {
        name: len(options) for name, options in RECOMMENDERS.items()
    }
    assert [each.name for each in seen] == [*LINE_UP]
    assert {each.seed for each in seen if hasattr(each, "seed")} == {7}
    assert {each.name for each in seen if draws(each)} >= {"lightgbm", "pare", "launches", "stack"}


@dataclass(frozen=True)
class Guess:
    """Draws its scores: personal, and needs no package."""

    seed: int = 0
    known: object = field(default=None, repr=False, compare=False)
    name: ClassVar[str] = "guess"
    needs: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[bool] = True

    def fit(self, known):
        return replace(self, known=known)

    def score(self, users):
        rng = np.random.default_rng(self.seed)
        return rng.random((len(users), self.known.items), dtype=np.float32)


def test_what_draws_is_run_with_each_seed_and_the_rest_counts_once(new_project, monkeypatch):
    monkeypatch.setitem(RECOMMENDERS, "guess", (Guess(),))
    folder = new_project()
    asked = (*ASKED, "--with", "guess", *PLAIN[:4], "--json")
    alone, both = (run("lists", folder, *asked, *more).json for more in ((), ("--seeds", "0,5")))
    rows = pq.read_table(folder / "reports" / "lists-2024-05-06-2" / "rows.parquet").to_pylist()
    seeds = {}
    for row in rows:
        seeds.setdefault(row["method"], set()).add(row["seed"])
    once = {name: {0} for name in ("most_pop", "decayed", "most_pop + decayed")}
    assert seeds == {"guess": {0, 5}, "guess + decayed": {0, 5}} | once
    assert both["seeds"] == [0, 5]
    assert set(both["seed_spread"]) == {"guess", "guess + decayed"}
    assert any(note.startswith("What draws is the mean of 2 seeds (0, 5)") for note in both["notes"])
    one, two = ({line["method"]: line for line in found["table"]} for found in (alone, both))
    assert all(one[name]["ndcg@10"] == two[name]["ndcg@10"] for name in once)
    assert one["guess"]["ndcg@10"] != two["guess"]["ndcg@10"]
    # the second alone gives what is missing in the mean
    other = run("lists", folder, *asked, "--seeds", "5").json
    third = {line["method"]: line for line in other["table"]}["guess"]
    assert two["guess"]["ndcg@10"] == pytest.approx((one["guess"]["ndcg@10"] + third["ndcg@10"]) / 2)


def test_a_further_seed_runs_what_draws_and_its_partners_alone(new_project, monkeypatch):
    seen = []

    def measured(events, history, recommenders, forecasters, *_, seed, **__):
        seen.append((seed, set(recommenders), {each.name for each in forecasters}))
        return []

    monkeypatch.setitem(RECOMMENDERS, "guess", (Guess(),))
    monkeypatch.setattr(listing, "backtest_lists", measured)
    monkeypatch.setattr(listing, "write_list_report", lambda *_, **__: None)
    folder = new_project()

    def tried(*names):
        seen.clear()
        listing.lists(folder, origins=2, until="2024-05-20", names=names, seeds=(0, 1), use_model=False)
        return list(seen)

    assert tried("most_pop", "decayed") == [(0, {"most_pop"}, {"decayed"})]
    assert tried("guess", "most_pop", "decayed")[1:] == [(1, {"guess"}, {"decayed"})]
    assert tried("most_pop", "decayed", "lightgbm")[1:] == [(1, {"most_pop"}, {"lightgbm"})]
    names = ("guess", "most_pop", "decayed", "lightgbm")
    assert tried(*names)[1:] == [(1, {"guess", "most_pop"}, {"decayed", "lightgbm"})]


def test_refuses_seeds_that_are_none_and_a_seed_without_its_model(new_project, undrawn):
    folder = new_project()
    assert run("lists", folder, *ASKED, *PLAIN, "--seeds", "1,1").code == 2
    asked = ("--origins", 2, "--until", "2024-05-20")
    assert run("backtest", folder, *asked).code == 0
    lacking = run("lists", folder, *asked, *PLAIN, "--seeds", "0,1")
    assert lacking.code == 5
    assert "the seed 1" in lacking.err
    assert run("backtest", folder, *asked, "--seeds", "0,1").code == 0
    found = run("lists", folder, *asked, "--with", "most_pop", "--seeds", "0,1", "--json").json
    assert set(found["seed_spread"]) == {"trail", "most_pop + trail"}


def rows_of(*values):
    """Rows of (method, split, value), the same at two origins but for a hundredth."""
    about = {"task": "", "settings": "", "scope": "active", "relevant": "all", "users": 1, "newcomers": 0}
    about |= {"unmeasured": 0, "seconds": 0.0, "versions": "{}", "seed": 0}
    return [
        ListRow(**about, method=name, split=split, metric=metric, origin=DAY + timedelta(days=at), value=value + at / 100)
        for name, split, value in values
        for metric in LIST_METRICS
        for at in range(2)
    ]  # fmt: skip


def test_who_is_set_beside_whom():
    names = [
        "knn",
        "ials",
        "most_pop",
        "pare",
        "knn + pare",
        "ials + pare",
        "trail",
        "knn + trail",
        "ials + trail",
    ]
    validation = [("validation", value) for value in (0.3, 0.2, 0.1, 0.15, 0.35, 0.4, 0.9, 0.8, 0.85)]
    rows = rows_of(
        *((name, *each) for name, each in zip(names, validation, strict=True)),
        *((name, "test", 0.5) for name in names),
    )
    pairs = [
        ("ials + pare", "knn"),
        ("ials + pare", "pare"),
        ("trail", "pare"),
        ("trail", "most_pop"),
        ("ials + trail", "knn"),
        ("ials + trail", "ials + pare"),
    ]
    said = [each.split(" +0.")[0] for each in against(rows, ["trail"])]
    assert said == [f"{metric}: {a} minus {b}" for a, b in pairs for metric in ("hr@10", "ndcg@10")]
    # where no personal list is better than the most popular items, these are the best recommender alone
    popular = [
        replace(row, value=0.35) if (row.method, row.split) == ("most_pop", "validation") else row
        for row in rows
    ]
    said = [each.split(" +0.")[0] for each in against(popular, ["trail"])]
    assert "hr@10: ials + trail minus most_pop" in said
    assert "hr@10: ials + trail minus knn" not in said
    assert "hr@10: ials + pare minus knn" in said
    without = [row for row in rows if "trail" not in row.method]
    assert len(against(without)) == 2 * 2


def test_names_apart_by_commas_and_another_horizon(new_project, undrawn):
    folder = new_project()
    asked = ("lists", folder, "--origins", 1, "--until", "2024-05-20", "--no-model", "--json")
    usual = run(*asked, "--with", "most_pop", "--with", "decayed").json
    same = run(*asked, "--with", "most_pop,decayed").json
    assert same["table"] == usual["table"]
    assert same["folder"].endswith("lists-2024-05-13-1")
    other = run(*asked, "--with", "most_pop, decayed", "--horizon", 8).json
    assert other["folder"].endswith("lists-2024-05-12-1-8d")
    assert [each[:10] for each in other["test"]] == ["2024-05-12"]
    # the weight of a blend is that of the project's own horizon, though the other was measured last
    assert "(lists-2024-05-13-1)" in blend_weight(Workspace.open(folder), "decayed")[1]
    too_long = run(*asked, "--with", "most_pop", "--horizon", 93)
    assert (too_long.code, "1 to 92 days" in too_long.err) == (2, True)


def test_refuses_unknown_names(new_project):
    done = run("lists", new_project(), *ASKED, "--with", "crystal_ball")
    assert done.code == 2
    assert "crystal_ball" in done.err
    assert set(listing.DEFAULT) >= {"most_pop", "ials", "lightgbm"}
