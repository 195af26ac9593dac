"""What a backtest measures, what it says of itself, and what it counts."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

import trail
from tests.cli.conftest import CHEAP, learn_from, run
from tests.evaluate.handmade import rows_for
from trail.baselines import LINE_UP
from trail.baselines.boosted import LightGBMLog
from trail.cli.backtested import show_backtest
from trail.errors import EngineError
from trail.evaluate import Origins, OwnValidation, Results, Task, judge, read_rows
from trail.evaluate.ablations import ABLATIONS, VARIANTS
from trail.events import Source
from trail.operations import Backtested, backtesting, lineup, training, tried
from trail.operations.backtesting import RUNS
from trail.operations.looks import count_look
from trail.operations.notes import of_catalogue, of_model, of_seeds, of_variant, own_validation
from trail.operations.source import source_hash
from trail.project import Project, load_project, save_project

DAY = datetime(2024, 5, 6, tzinfo=UTC)
METRICS = {
    "prior": "decayed",
    "shrinkage": {"text": 0.5, "numbers": 0.0},
    "relative_loss": {"prior": 0.92, "text": 0.91, "numbers": 0.92},
    "gain": {"text": (0.01, 0.004), "numbers": (0.0, 0.0)},
}


def test_baselines_are_also_fitted_once_and_looks_are_counted(new_project, undrawn):
    folder = new_project()
    asked = ("backtest", folder, "--origins", 2, "--until", "2024-05-20")
    first = run(*asked, "--no-model", "--json").json
    methods = {(line["forecaster"], line["refit"]) for line in first["table"]}
    assert methods == {(name, refit) for name in CHEAP for refit in ("every", "once")}
    assert first["verdict"][0].endswith(f"of {len(CHEAP)} baselines.")
    assert first["verdict"][-1] == "Run 1 on these test origins in this project."
    stages = []
    other = backtesting.backtest(folder, origins=3, use_model=False, report=lambda *each: stages.append(each))
    assert [each for each in stages if each[0] == "backtest"][-1] == (
        "backtest",
        28,
        28,
    )  # 4 methods, 7 origins
    assert other.notes == (
        "The log does not say when its events arrived (ingested_at): events count as known when they happen.",
        "Run 2 on these test origins in this project.",  # some of them are those of the first
    )
    out = run(*asked, "--no-model").out
    # formulas learn nothing, so they are the same fitted once: one line each
    assert "(fitted" not in out
    assert f"shown as one line: {', '.join(line['forecaster'] for line in other.table[::2])}" in out
    assert "Run 3 on these test origins" in out
    lines = [json.loads(line) for line in (folder / "reports" / RUNS).read_text().splitlines()]
    assert len(lines) == 3
    assert lines[0]["forecasters"] == [*CHEAP, *(f"{name} (fitted once)" for name in CHEAP)]
    assert (lines[0]["first"][:10], lines[0]["last"][:10], lines[0]["origins"]) == (
        "2024-05-06",
        "2024-05-13",
        2,
    )
    assert (lines[0]["model"], lines[0]["report"]) == ("", "backtest-2024-05-06-2")
    assert datetime.fromisoformat(lines[0]["time"]).utcoffset() == timedelta(0)


def test_a_backtest_fits_a_terminal_and_says_what_new_items_came_to():
    """Two methods whose numbers are the same fitted once, but for one of them."""
    longest = max(LINE_UP, key=len)
    found = [replace(row, forecaster="stack") for row in rows_for({"a": 0.8}, {"a": 0.8})]
    once = [replace(row, refit="once", seconds=9.0) for row in found]
    rows = [*found, *once, *rows_for({longest: 0.9}, {longest: 0.9})]
    rows += [replace(row, refit="once", value=row.value * 1.1) for row in rows if row.forecaster == longest]
    new = [replace(row, scope="new", items=7, value=row.value / 2) for row in rows]
    verdict, day = judge(rows), datetime(2024, 1, 22, tzinfo=UTC)
    rest = {"own": None, "model": "", "data": "", "top": 50}
    made = Backtested(Path("r"), "", verdict, Origins((), (), (day,)), (), Results((*rows, *new)), **rest)
    console = Console(record=True, width=100)
    show_backtest(made, console)
    shown = console.export_text()
    lines = [line.split()[0] for line in shown.splitlines() if re.match(rf"^ *(stack|{longest}) ", line)]
    assert lines.count("stack") == 1
    assert lines.count(longest) == 2
    # no name or number is folded into a second line
    assert re.search(rf"^ *{longest} \(fitted once\) .* 0\.5 *$", shown, re.MULTILINE)
    assert "the same fitted once or at every origin, shown as one line: stack" in shown
    assert re.search(r"forecaster +[│|┃] +ndcg@50 .* gap +[│|┃] +seconds", shown)
    assert re.search(r" [+-]\d\.\d\d ", shown)
    assert "new items, about 7 an origin: champion stack (ndcg@50 " in shown
    plain = Backtested(Path("r"), "", verdict, Origins((), (), (day,)), (), Results(tuple(rows)), **rest)
    show_backtest(plain, console)
    assert "new items" not in console.export_text()


def test_named_forecasters_are_tried_and_no_others(new_project, undrawn):
    folder = new_project()
    asked = ("backtest", folder, "--origins", 1, "--until", "2024-05-20", "--no-model", "--json")
    found = run(*asked, "--with", "windowed_mean,last_window").json
    assert {line["forecaster"] for line in found["table"]} == {"last_window", "windowed_mean"}
    assert found["champion"]["forecaster"] in {"last_window", "windowed_mean"}
    apart = run(*asked, "--with", "decayed", "--with", "last_window").json
    assert {line["forecaster"] for line in apart["table"]} == {"decayed", "last_window"}
    everything = run(*asked, "--with", "all").json
    assert {line["forecaster"] for line in everything["table"]} == {*CHEAP, "windowed_mean"}
    for names, words in (
        ("decaied", "'decayed'?"),
        ("nobody", "windowed_mean"),
        ("none,decayed", "none alone"),
    ):
        wrong = run(*asked[:-1], "--with", names)
        assert wrong.code == 2
        assert words in wrong.err.replace("\n", " ")
    nothing = run(*asked[:-1], "--with", "none")
    assert (nothing.code, "nothing to try" in nothing.err) == (2, True)
    alone = run(*asked[:-2], "--json", "--with", "none").json
    always = {"trail", "no_llm_head", "trail_full", "no_llm_full", "trail_hidden"}
    assert {line["forecaster"] for line in alone["table"]} == always


def test_what_draws_is_run_with_every_seed_and_the_rest_once(new_project, stood_in, monkeypatch):
    folder, trees = new_project(), partial(LightGBMLog, rounds=5)
    monkeypatch.setattr(lineup, "LINE_UP", CHEAP | {"lightgbm_log": trees})
    asked = ("backtest", folder, "--origins", 2, "--until", "2024-05-20", "--with", "decayed,lightgbm_log")
    stood_in.shared.clear()
    done = run(*asked, "--seeds", "0,3", "--json").json
    rows = read_rows(Path(done["rows"]))
    seeds = {name: {row.seed for row in rows if row.forecaster == name} for name in methods_of(done)}
    assert seeds == {
        "decayed": {0},
        "lightgbm_log": {0, 3},
        "trail": {0, 3},
        "no_llm_head": {0, 3},
        "no_llm_full": {0, 3},
        "trail_full": {0, 3},
        "trail_hidden": {0, 3},
    }
    assert done["seeds"] == [0, 3]
    assert {line["forecaster"]: line["seeds"] for line in done["table"]} == {
        name: len(each) for name, each in seeds.items()
    }
    assert len({name for name, _ in stood_in.shared}) == 2  # a model a seed
    by_seed = [
        {
            (row.origin, row.refit, row.scope): row.value
            for row in rows
            if row.metric == "wape" and row.seed == seed and row.forecaster == "lightgbm_log"
        }
        for seed in (0, 3)
    ]
    assert by_seed[0].keys() == by_seed[1].keys()
    assert by_seed[0] != by_seed[1]
    assert done["seed_spread"]["lightgbm_log"]["wape"] > 0
    assert done["seed_spread"]["trail"] == {"ndcg@50": 0.0, "wape": 0.0}  # the stand-in draws nothing
    assert "decayed" not in done["seed_spread"]
    words = " ".join(done["verdict"])
    assert "What draws is the mean of 2 seeds (0, 3)" in words
    page = Path(done["report"]).read_text()
    assert "seeds 0, 3." in page
    assert "2 origins and, of what draws, 2 seeds of about" in page


def test_a_row_that_is_there_is_not_run_again(new_project, stood_in, monkeypatch):
    folder = new_project()
    fits = []

    class Counted(LightGBMLog):
        def fit(self, history):
            fits.append((self.seed, len(history)))
            return super().fit(history)

    monkeypatch.setattr(lineup, "LINE_UP", CHEAP | {"lightgbm_log": partial(Counted, rounds=5)})
    asked = (
        "backtest",
        folder,
        "--origins",
        2,
        "--until",
        "2024-05-20",
        "--with",
        "lightgbm_log",
        "--no-model",
    )
    stages = []
    once = 2  # of each split
    first = run(*asked, "--json").json
    assert len(fits) == 6 + once
    again = run(*asked, "--json").json
    assert len(fits) == 6 + once
    assert again["table"] == first["table"]
    more = run(*asked, "--seeds", "0,1", "--json").json
    assert {seed for seed, _ in fits[6 + once :]} == {1}
    assert len(fits) == 2 * (6 + once)
    assert more["seeds"] == [0, 1]
    # a part that a kill left out is measured again, and it alone
    parts = sorted((folder / "cache").glob("tried-*/*/0*"))
    shutil.rmtree(parts[-1])
    backtesting.backtest(
        folder,
        origins=2,
        until="2024-05-20",
        names=["lightgbm_log"],
        seeds=[0, 1],
        use_model=False,
        report=lambda *each: stages.append(each),
    )
    assert [each for each in stages if each[0] == "backtest"][-1] == ("backtest", 12, 12)
    assert len(fits) == 2 * (6 + once) + 2
    # other code measures again, and what it replaces is gone
    monkeypatch.setattr(tried, "source_hash", lambda *_: "other")
    assert run(*asked).code == 0
    assert len(fits) == 3 * (6 + once) + 2
    assert len(list((folder / "cache").glob("tried-*"))) == 1


def test_seeds_that_are_none_are_refused(new_project):
    folder = new_project()
    for text, words in (
        ("0,x", "whole numbers apart by commas"),
        ("1,1", "different whole"),
        ("-1", "0 to 2147483647"),
    ):
        wrong = run("backtest", folder, "--no-model", f"--seeds={text}")
        assert (wrong.code, words in wrong.err.replace("\n", " ")) == (2, True)


def test_a_log_that_is_its_own_catalogue_is_said_to_know_later_titles(fresh, files, undrawn):
    folder = fresh()
    project = load_project(folder)
    assert of_catalogue(project) == ()
    own = replace(project.events[0], columns={"item_id": "item_id", "title": "item_id"})
    save_project(replace(project, items=(own,)), folder)
    done = backtesting.backtest(
        folder, origins=1, until="2024-05-20", names=("last_window",), use_model=False
    )
    said = [note for note in done.notes if "most frequent over the whole log" in note]
    assert len(said) == 1
    assert of_catalogue(load_project(folder)) == tuple(said)
    # another table of the same database is a catalogue of its own
    shop = Source("duckdb:///shop.db", table="orders")
    apart = Project((shop,), (replace(shop, table="products"),))
    assert of_catalogue(apart) == ()
    assert of_catalogue(replace(apart, items=(shop,))) == tuple(said)


def test_notes_of_several_seeds_say_what_they_share_once():
    said = {0: ["trained once", "kept 50%"], 3: ["trained once", "kept 75%"]}
    assert of_seeds(said) == ("trained once", "Seed 0: kept 50%", "Seed 3: kept 75%")
    assert of_seeds({5: ["trained once", "kept 50%"]}) == ("trained once", "kept 50%")
    mean = OwnValidation.mean(
        [OwnValidation(0.9, "stack", 0.95, 0.01, 4, 0.5), OwnValidation(0.8, "stack", 0.93, 0.03, 4, 0.0)]
    )
    assert mean == OwnValidation(
        pytest.approx(0.85), "stack", pytest.approx(0.94), pytest.approx(0.02), 4, pytest.approx(0.25)
    )


def methods_of(done):
    return {line["forecaster"] for line in done["table"]}


def test_ablations_are_trained_beside_the_model_and_are_never_its_rivals(new_project, stood_in):
    folder = new_project()
    stood_in.shared.clear()
    asked = ("backtest", folder, "--origins", 2, "--until", "2024-05-20", "--with", "baselines,ablations")
    done = run(*asked, "--json")
    assert done.code == 0, done.err
    assert {line["forecaster"] for line in done.json["table"]} == {*CHEAP, "trail", *ABLATIONS}
    words = " ".join(done.json["verdict"])
    for name, each in ABLATIONS.items():
        ours = each.beside or "trail"
        said = rf"{re.escape(f'Without {each.without} ({name}): ')}([^:]* at all|[^:]*, {ours} [0-9][^:]*: {ours} is )"
        assert re.search(said, words), (said, words)
    assert "nothing here measures" not in words
    assert f"of {len(CHEAP)} baselines" in words
    assert not {done.json["champion"][each]["forecaster"] for each in ("against",)} & set(ABLATIONS)
    # each under its own name; those of the language stage alone share the state of ours
    ours, *others = stood_in.shared
    assert ours == (done.json["model"], done.json["model"])
    found = {name.split("-")[1]: scores for name, scores in others}
    late = {"trail_no_language", "trail_no_contrast", "trail_scores_only"}
    assert found == {name: ours[0] if name in late else None for name in VARIANTS}
    # a second run trains nothing; the list of looks names them all
    stood_in.shared.clear()
    assert run(*asked).code == 0
    assert stood_in.shared == []
    lines = (folder / "reports" / RUNS).read_text().splitlines()
    assert set(json.loads(lines[-1])["forecasters"]) >= {"trail", *ABLATIONS}


def test_an_ablation_of_what_the_project_does_without_is_left_out(new_project, stood_in):
    folder = new_project()
    text = (folder / "trail.toml").read_text()
    (folder / "trail.toml").write_text(text.replace("mask_titles = false", "mask_titles = true"))
    asked = ("backtest", folder, "--origins", 1, "--until", "2024-05-20", "--json", "--with")
    done = run(*asked, "trail_masked,trail_no_rank").json
    assert {line["forecaster"] for line in done["table"]} == {
        "trail",
        "trail_full",
        "no_llm_head",
        "no_llm_full",
        "trail_no_rank",
    }
    assert any(each.startswith("trail_masked was not tried: trail itself") for each in done["verdict"])


def test_ablations_need_their_model(new_project):
    folder = new_project()
    done = run("backtest", folder, "--no-model", "--with", "all,trail_masked")
    assert done.code == 2
    assert "trail_masked without the model" in done.err
    close = run("backtest", folder, "--with", "trail_mask")
    assert (close.code, "'trail_masked'?" in close.err) == (2, True)


def test_the_untuned_backbone_is_tried_on_test_only_and_its_silence_is_said(new_project, stood_in):
    folder = new_project()
    asked = ("backtest", folder, "--origins", 2, "--until", "2024-05-20", "--no-model", "--json", "--with")
    done = run(*asked, "baselines,untuned").json
    assert {line["forecaster"] for line in done["table"]} == {*CHEAP, "untuned"}
    assert done["champion"]["forecaster"] in CHEAP
    assert f"of {len(CHEAP)} baselines" in done["verdict"][0]
    words = " ".join(done["verdict"])
    assert "was asked for 240 numbers and named 4;" in words
    alone = run(*asked, "untuned").json
    assert {line["forecaster"] for line in alone["table"]} == {"untuned"}
    assert alone["champion"]["forecaster"] is None


def test_the_untuned_backbone_killed_between_origins_goes_on_and_its_silence_is_counted_whole(
    new_project, stood_in, undrawn, monkeypatch
):
    folder, seen, answer = new_project(), [], stood_in.Unasked.predict
    asked = (
        "backtest",
        folder,
        "--origins",
        2,
        "--until",
        "2024-05-20",
        "--no-model",
        "--json",
        "--with",
        "untuned",
    )

    def predict(self, cards):
        seen.append(cards.cutoff.date().isoformat())
        if len(seen) == 2:
            raise KeyboardInterrupt
        return answer(self, cards)

    monkeypatch.setattr(stood_in.Unasked, "predict", predict)
    assert run(*asked).code != 0
    done = run(*asked).json
    assert seen == ["2024-05-06", "2024-05-13", "2024-05-13"]
    assert "was asked for 240 numbers and named 4;" in " ".join(done["verdict"])
    assert run(*asked).json["table"] == done["table"]
    assert len(seen) == 3


def test_another_horizon_has_its_own_cards_model_and_folder(new_project, undrawn):
    folder = new_project()
    learn_from(folder, 8)
    before = {path.name for path in (folder / "cache").iterdir()}
    asked = ("backtest", folder, "--origins", 1, "--until", "2024-05-20", "--json")
    usual = run(*asked).json
    other = run(*asked, "--horizon", 8).json
    assert usual["report"].endswith("backtest-2024-05-13-1/report.html")
    assert other["report"].endswith("backtest-2024-05-12-1-8d/report.html")
    assert usual["model"] != other["model"]
    # nothing that `trail forecast` makes is of eight days
    words = "The project's horizon is 7 days: this champion, chosen for 8 days ahead, serves none of its forecasts"
    assert [words in " ".join(each["verdict"]) for each in (usual, other)] == [False, True]
    assert words.replace("'", "&#39;") in Path(other["report"]).read_text()
    assert before <= {path.name for path in (folder / "cache").iterdir()}
    assert "8 days ahead" in (folder / "reports" / "backtest-2024-05-12-1-8d" / "report.html").read_text()
    for days in (0, 93):
        wrong = run(*asked[:-1], "--horizon", days)
        assert (wrong.code, "a day to a quarter" in wrong.err) == (2, True)


def test_the_champion_is_written_beside_the_report(new_project, stood_in):
    folder = new_project()
    done = run("backtest", folder, "--origins", 2, "--until", "2024-05-20", "--json").json
    kept = json.loads((folder / "reports" / "backtest-2024-05-06-2" / "champion.json").read_text())
    assert kept == done["champion"]
    # the stand-in's own validation: 0.92 before, 0.91 after, standard error 0.004
    assert (kept["forecaster"], kept["model"]) == ("trail", done["model"])
    assert "validation origins of the training of trail (0.9100, its prior decayed 0.9200)" in kept["basis"]
    assert [each["metric"] for each in kept["margins"]] == ["ndcg@50", "wape"]
    task = json.loads((folder / "reports" / "backtest-2024-05-06-2" / "task.json").read_text())
    assert Task.from_dict(task).fingerprint == kept["task"]
    assert (task["horizon_days"], len(task["origins"]["test"])) == (7, 2)


def test_chances_are_measured_at_the_k_that_the_project_asks_for(new_project):
    folder = new_project()
    asked = (
        "backtest",
        folder,
        "--origins",
        1,
        "--until",
        "2024-05-20",
        "--no-model",
        "--with",
        "decayed",
        "--json",
    )
    usual = run(*asked).json
    save_project(
        replace(load_project(folder), forecast=replace(load_project(folder).forecast, top=5)), folder
    )
    found = run(*asked).json
    assert (usual["top"], found["top"]) == (50, 5)
    one, two = ({**each["table"][0]} for each in (usual, found))
    assert one["brier"] != two["brier"]
    assert (one["ndcg@50"], one["loss"]) == (two["ndcg@50"], two["loss"])
    report = folder / "reports" / "backtest-2024-05-13-1"
    page = (report / "report.html").read_text()
    assert "Chances are of the top 5." in page
    assert "stated chance of the top 5<" in page
    kept = [json.loads((report / name).read_text()) for name in ("task.json", "report.json")]
    assert [each["top"] for each in kept] == [5, 5]
    # lists at the same origins are of the same task
    run(
        "lists", folder, "--origins", 1, "--until", "2024-05-20", "--no-model", "--with", "most_pop", "--json"
    )
    listed = pq.read_table(folder / "reports" / "lists-2024-05-13-1" / "rows.parquet")["task"].to_pylist()
    assert set(listed) == {row.task for row in read_rows(report / "rows.parquet")}


def test_a_look_is_counted_beside_damaged_lines_and_other_origins(tmp_path):
    path = tmp_path / "reports" / RUNS
    days = [DAY, DAY + timedelta(days=7)]
    assert count_look(path, "data", days, model="a") == 1
    with path.open("ab") as file:
        file.write(b'[1]\nnull\n\xff{"data": "da')  # killed while it wrote
    assert count_look(path, "data", days, model="b") == 2
    assert count_look(path, "other", days) == 3  # a log that grew holds the same periods
    assert count_look(path, "data", days[:1]) == 4  # fewer origins of the same are no fresh ones
    assert count_look(path, "data", [day + timedelta(days=14) for day in days]) == 1
    assert count_look(path, "data", days) == 5
    with pytest.raises(EngineError, match="could not write"):
        count_look(tmp_path, "data", days)


def test_notes_say_what_the_figures_cannot():
    first, gain, _, chose, full, remembers = of_model(METRICS | {"origins": 4}, masked=False)
    assert "trained once, before the first test origin" in first
    assert "gain +0.0100" in gain
    assert chose.startswith("These validation origins (4) also chose the prior, the state that is served")
    assert (
        "each gain is judged by the state that was best on the other origins; the evidence is the test rows alone"
        in chose
    )
    assert full.startswith("trail_full is trail with its whole correction, whatever validation kept of it")
    assert (
        "trail_hidden, the same network with titles hidden when it forecasts, shows beside trail_full"
        in remembers
    )
    *_, chose, _, masked = of_model(METRICS, masked=True)
    assert chose.startswith("These validation origins also chose")
    assert masked.startswith("Titles were hidden from the model")
    *_, measured = of_model(METRICS, masked=False, measured=True)
    assert "trail_hidden" not in measured
    assert "trail_masked, trained the same way without titles, measures what they give it" in measured
    off = METRICS | {"shrinkage": {"text": 0.0, "numbers": 0.5}}
    assert [own_validation(each).kept for each in (METRICS, off)] == [0.5, 0.0]
    assert own_validation(off).loss == own_validation(off).prior_loss
    said = of_variant(off, "trail_no_rank")
    assert "half of the correction of trail_no_rank gained +0.0100" in said
    assert said.endswith("0% would be kept; on test it has all of it, as trail_full has.")


def test_other_code_trains_again(new_project, stood_in, undrawn, monkeypatch):
    folder = new_project()
    stood_in.calls.clear()
    asked = ("backtest", folder, "--origins", 2, "--until", "2024-05-20", "--json")
    names = [run(*asked).json["model"]]
    seen = []
    monkeypatch.setattr(training, "source_hash", lambda *packages: seen.extend(packages) or "other")
    names.append(run(*asked).json["model"])
    assert set(seen) == {"events", "signals", "facts", "baselines", "pairs", "model", "forecast"}
    assert len(set(names)) == len([each for each in stood_in.calls if each[0] == "train"]) == 2


def test_the_hash_of_the_source_changes_with_any_file_and_imports_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(trail, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "one" / "inner").mkdir(parents=True)
    (tmp_path / "two").mkdir()
    file = tmp_path / "one" / "inner" / "a.py"
    file.write_text("raise SystemExit")
    found = {source_hash.__wrapped__("one")}
    file.write_text("raise KeyError")
    found |= {source_hash.__wrapped__("one")}
    file.rename(tmp_path / "one" / "b.py")
    found |= {source_hash.__wrapped__("one"), source_hash.__wrapped__("two")}
    assert len(found) == 4
    (tmp_path / "one" / "notes.txt").write_text("not code")
    assert source_hash.__wrapped__("one") in found


def test_an_outcome_past_the_end_of_the_log_is_not_learned_from(new_project, stood_in):
    folder = new_project()
    stood_in.calls.clear()
    for until, known in (("2024-05-27", 20), ("2024-05-23", 16)):
        assert run("train", folder, "--until", until).code == 0
        assert stood_in.calls[0][:3] == ("train", 16 - (known < 20), datetime(2024, 5, known, tzinfo=UTC))
        stood_in.calls.clear()
    learn_from(folder, 8)
    short = run("train", folder, "--until", "2024-05-27", "--name", "short")
    assert short.code == 3
    assert "7 weeks to learn from" in short.err
    assert "one after" in short.err
