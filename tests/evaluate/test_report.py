"""The report says who was chosen and who wins, says so plainly when ours does not, and needs nothing else."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pyarrow.parquet as pq
import pytest
from handmade import rows_for
from jinja2 import UndefinedError

from trail.baselines import Decayed, LastWindow, WindowedMean
from trail.baselines.sample import sample_history
from trail.errors import DataError
from trail.evaluate import (
    METRICS,
    Origins,
    OwnValidation,
    Results,
    Section,
    Task,
    backtest,
    judge,
    markdown,
    read_rows,
    summarise,
    write_report,
)
from trail.evaluate.plots import (
    plot_by_origin,
    plot_comparisons,
    plot_coverage_gap,
    reliability_of,
    to_png,
    to_svg,
)
from trail.evaluate.template import filled

BASE = {"last_window": 1.0, "decayed": 0.8, "lightgbm": 0.9}


def test_chosen_on_validation_even_where_test_disagrees():
    rows = rows_for(BASE, {"last_window": 1.0, "decayed": 0.9, "lightgbm": 0.7})
    verdict = judge(rows)
    assert verdict.chosen == ("decayed", "every")
    assert "Chosen on validation, before any test origin: decayed, of 3 baselines." in verdict.sentences
    assert "Lowest joint loss on test, for the record only: lightgbm." in verdict.sentences
    assert {each.a for each in verdict.comparisons} == {"decayed"}
    compared = {(each.b, each.metric) for each in verdict.comparisons}
    metrics = ("ndcg@50", "wape", "rmsle", "risers@50")
    assert compared == {(name, metric) for name in ("last_window", "lightgbm") for metric in metrics}
    without = [row for row in rows if (row.forecaster, row.metric) != ("lightgbm", "risers@50")]
    left = {(each.b, each.metric) for each in judge(without).comparisons}
    assert left == compared - {("lightgbm", "risers@50")}
    assert verdict.losses[("decayed", "every")] == pytest.approx(0.8, abs=0.05)


def test_says_plainly_that_ours_does_not_beat_the_best_baseline():
    level = judge(rows_for(BASE | {"trail": 0.80}, BASE | {"trail": 0.80}))
    assert level.rival == ("decayed", "every")
    assert any(
        "trail does not beat the best baseline (decayed): the two are level" in s for s in level.sentences
    )
    worse = judge(rows_for(BASE | {"trail": 0.6}, BASE | {"trail": 1.4}))
    assert any("trail does not beat" in s and "it loses in" in s for s in worse.sentences)
    better = judge(rows_for(BASE | {"trail": 0.9}, BASE | {"trail": 0.2}))
    assert any(s.startswith("trail beats the best baseline (decayed)") for s in better.sentences)
    assert not any("does not beat" in s for s in better.sentences)


def test_a_model_that_is_its_prior_is_said_to_be_the_same():
    rows = rows_for(BASE, BASE)
    twins = [replace(row, forecaster="trail") for row in rows if row.forecaster == "decayed"]
    words = judge([*rows, *twins]).sentences
    assert any(each.startswith("WAPE: trail and decayed ") and "the same at all" in each for each in words), (
        words
    )
    assert not any("better at" in each for each in words)


def test_an_ablation_of_ours_is_beside_it_and_never_the_baseline_to_beat():
    losses = BASE | {"trail": 0.75, "no_llm_head": 0.7}
    found = judge(rows_for(losses, losses))
    assert found.rival == ("decayed", "every")
    beside = [each for each in found.sentences if each.startswith("Without the text (no_llm_head)")]
    assert len(beside) == 1
    assert beside[0].endswith("trail is worse in NDCG@50 of counts and WAPE.")
    losses = BASE | {"trail": 0.2, "no_llm_head": 0.9}
    assert any(
        "better in NDCG@50 of counts and WAPE" in each for each in judge(rows_for(losses, losses)).sentences
    )


def test_without_a_clear_difference_ours_is_level_with_its_ablation_and_its_own_prior():
    """A mean that is a little better is not better: the intervals decide."""
    losses = BASE | {"trail": 0.75, "no_llm_head": 0.7501, "stack": 0.85}
    own = OwnValidation(loss=0.7, prior="stack", prior_loss=0.8, error=0.01, origins=4, kept=0.5)
    sentences = judge(rows_for(losses, losses), own=own).sentences
    beside = [each for each in sentences if each.startswith("Without the text (no_llm_head)")]
    assert beside[0].endswith("trail is level.")
    prior = [each for each in sentences if each.startswith("Beside its own prior (stack)")]
    assert prior[0].endswith("trail is better in NDCG@50 of counts and WAPE.")
    rival = replace(own, prior="decayed")
    assert not any("its own prior" in each for each in judge(rows_for(losses, losses), own=rival).sentences)


def test_ablations_with_their_whole_correction_are_beside_ours_with_its_own():
    """Where validation kept nothing of the correction, ours is its prior and no part of the network makes a difference to it."""
    losses = BASE | {"trail": 0.75, "trail_full": 0.4, "trail_hidden": 0.75, "no_llm_head": 0.9}
    found = judge(rows_for(losses, losses))
    (hidden,) = [each for each in found.sentences if "(trail_hidden)" in each]
    assert hidden.endswith("trail_full is better in NDCG@50 of counts and WAPE.")
    (full,) = [each for each in found.sentences if each.startswith("Without validation's cut")]
    assert full.endswith("trail is worse in NDCG@50 of counts and WAPE.")
    assert found.rival == ("decayed", "every")
    pairs = {(each.a, each.b) for each in found.comparisons}
    assert pairs == {("trail", each) for each in {*BASE, "trail_full", "no_llm_head"}} | {
        ("trail_full", "trail_hidden")
    }
    drawn = plot_comparisons(found.comparisons, "wape", "WAPE").axes[0]
    labels = [each.get_text() for each in drawn.get_yticklabels()]
    assert labels[0] == "trail_full less trail_hidden"
    assert "trail less the other" in drawn.get_xlabel()
    # rows of a run that did not measure the whole correction
    without = judge([row for row in rows_for(losses, losses) if row.forecaster != "trail_full"])
    (hidden,) = [each for each in without.sentences if "(trail_hidden)" in each]
    assert hidden.endswith("trail is level.")


@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_a_gain_over_the_head_is_the_priors_where_ours_kept_nothing_of_its_correction(kept):
    losses = BASE | {"trail": 0.2, "no_llm_head": 0.9, "trail_full": 0.5}
    own = OwnValidation(loss=0.7, prior="stack", prior_loss=0.8, error=0.01, origins=4, kept=kept)
    said = judge(rows_for(losses, losses), own=own).sentences
    (head,) = [each for each in said if "(no_llm_head)" in each]
    assert head.endswith("a gain here is the prior's merit, not the text's.") == (kept == 0)
    assert sum("kept nothing" in each for each in said) == (kept == 0)


def test_what_is_chosen_is_a_baseline_that_is_refitted_where_there_is_one():
    losses = BASE | {"trail": 0.5, "no_llm_head": 0.4}
    rows = rows_for(losses, losses)
    once = [replace(row, refit="once", value=row.value / 2) for row in rows if row.forecaster in BASE]
    found = judge(rows + once)
    assert found.chosen == found.rival == ("decayed", "every")
    assert "Chosen on validation, before any test origin: decayed, of 3 baselines." in found.sentences
    assert "decayed (fitted once)" in {each.b for each in found.comparisons}
    drawn = [line.get_label() for line in plot_by_origin(rows + once, "wape").axes[0].lines]
    assert not any("once" in name for name in drawn)
    assert judge(once).chosen == ("decayed", "once")  # without a twin it may be chosen


def test_a_method_fitted_once_is_told_from_itself_refitted():
    rows = rows_for({"decayed": 0.8}, {"decayed": 0.8})
    frozen = [replace(row, refit="once", value=row.value) for row in rows]
    verdict = judge(rows + frozen)
    assert {(each.a, each.b) for each in verdict.comparisons} == {("decayed", "decayed (fitted once)")}
    assert verdict.comparisons[0].difference == 0.0
    assert verdict.comparisons[0].winner is None


def test_without_validation_nothing_is_chosen_and_without_test_nothing_is_said():
    rows = [row for row in rows_for(BASE, BASE) if row.split == "test"]
    assert judge(rows).chosen is None
    assert "nothing was chosen" in judge(rows).sentences[0]
    with pytest.raises(DataError, match="no test row"):
        judge([row for row in rows_for(BASE, BASE) if row.split == "validation"])


def test_summary_is_the_mean_over_origins():
    rows = rows_for(BASE, BASE)
    line = next(
        line
        for line in summarise(rows).to_pylist()
        if (line["split"], line["scope"], line["forecaster"]) == ("test", "active", "decayed")
    )
    values = [r.value for r in rows if (r.split, r.forecaster, r.metric) == ("test", "decayed", "wape")]
    assert line["wape"] == pytest.approx(np.mean(values))
    assert line["origins"] == 6
    text = markdown(summarise(rows), "test", "active")
    assert text.splitlines()[2].startswith("| decayed | **")  # lowest loss first, best in bold
    assert len(text.splitlines()) == 2 + len(BASE)


class Links(HTMLParser):
    """Collects what a page would fetch, and its elements."""

    def __init__(self):
        super().__init__()
        self.fetched, self.tags, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.fetched += [
            value
            for name, value in attrs
            if name in {"src", "href", "xlink:href"} and not value.startswith("#")
        ]


def test_report_writes_everything_and_the_page_stands_alone(tmp_path):
    rows = rows_for(BASE | {"trail": 0.85}, BASE | {"trail": 0.85})
    extra = Section(
        "Explanations", ("<script>alert(1)</script>",), {"item": ["Mug & Co"], "why": ["rose 40%"]}
    )
    verdict = write_report(Results(tuple(rows)), tmp_path / "report", title="Shop", sections=[extra])
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names >= {"rows.parquet", "summary.parquet", "summary.md", "report.json", "report.html"}
    assert names >= {"reliability.parquet", "risers.parquet", "champion.json"}
    assert len([name for name in names if name.endswith(".png")]) == 5
    assert (tmp_path / "report" / "origins-wape.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "report" / "report.html").read_text()
    found = Links()
    found.feed(page)
    assert found.fetched == []
    assert "script" not in found.tags
    assert found.tags.count("svg") == 5
    assert len(set(found.ids)) == len(found.ids)
    assert "&lt;script&gt;" in page
    assert "Mug &amp; Co" in page
    assert "prefers-color-scheme: dark" in page
    assert "#123456" not in page
    assert "test begins at the dotted line" in page
    for sentence in verdict.sentences:
        assert sentence in page
    assert len(read_rows(tmp_path / "report" / "rows.parquet")) == len(rows)
    assert pq.read_table(tmp_path / "report" / "summary.parquet").num_rows == 2 * 4
    twin = json.loads((tmp_path / "report" / "report.json").read_text())
    assert twin["chosen"] == "decayed"
    assert twin["verdict"] == list(verdict.sentences)
    assert set(twin["summary"][0]) >= set(METRICS)


def test_a_template_without_a_value_is_an_error_not_a_gap():
    page = filled("trail.evaluate.scorecard", "scorecard.html.j2", title="<b>", parts=[])
    assert "<title>&lt;b&gt;</title>" in page
    with pytest.raises(UndefinedError, match="parts"):
        filled("trail.evaluate.scorecard", "scorecard.html.j2", title="x")


def test_tables_of_the_whole_catalogue_say_once_what_flatters_them(tmp_path):
    rows = rows_for(BASE, BASE)
    whole = [replace(row, scope="all") for row in rows]
    for name, number, given in (("both", 1, rows + whole), ("active", 0, rows)):
        write_report(Results(tuple(given)), tmp_path / name)
        for file in ("report.html", "summary.md"):
            assert (tmp_path / name / file).read_text().count("flatters every method on them.") == number
    page = (tmp_path / "both" / "summary.md").read_text()
    assert page.index("## test, all items") < page.index("flatters") < page.index("## validation, active")


def test_segments_risers_reliability_and_cost_are_on_the_page(tmp_path):
    """A whole backtest of the sample: every part is there, and its numbers are those of the side tables."""
    history = sample_history()
    cutoffs = tuple(example.cards.cutoff for example in history)
    task = Task.of(history, Origins(cutoffs[:5], cutoffs[5:7], cutoffs[7:]))
    results = backtest(task, history, [LastWindow(), Decayed(), WindowedMean()])
    verdict = write_report(results, tmp_path, ours=None)
    champion = verdict.champion.method
    page = (tmp_path / "report.html").read_text()
    for words in (
        "By segment",
        "level:high",
        "age:young",
        "category:",
        "Cost of a forecast",
        "Test, new items",
    ):
        assert words in page
    assert f"Risers found by {champion[0]}" in page
    assert f"Risers missed by {champion[0]}" in page
    listed = pq.read_table(tmp_path / "risers.parquet").to_pylist()
    mine = [each for each in listed if (each["split"], each["forecaster"]) == ("test", champion[0])]
    found = sum(each["found"] for each in mine)
    assert f"{champion[0]} found {found} of {len(mine)} ({found / len(mine):.0%})" in page
    bins = pq.read_table(tmp_path / "reliability.parquet").to_pylist()
    assert sum(each["items"] for each in bins) == 3 * 6 * 120
    (low, entered, items), *_ = reliability_of(results.bins, champion)
    first = [
        each
        for each in bins
        if (each["split"], each["forecaster"], each["low"]) == ("test", champion[0], 0.0)
    ]
    assert items == sum(each["items"] for each in first)
    assert low * items == pytest.approx(sum(each["chance"] for each in first))
    assert entered * items == pytest.approx(sum(each["entered"] for each in first))
    twin = json.loads((tmp_path / "report.json").read_text())
    assert {each["method"] for each in twin["costs"]} == {"last_window", "decayed", "windowed_mean"}
    for each in twin["costs"]:
        assert each["per_thousand"] == pytest.approx(1000 * each["forecast"] / 120)
    assert len(page) < 1_000_000


def test_ours_is_drawn_even_where_seven_others_are_better():
    many = {f"method_{number}": 0.5 + number / 100 for number in range(9)} | {"trail": 2.0}
    drawn = [
        line.get_label() for line in plot_by_origin(rows_for(many, many), "wape", ours="trail").axes[0].lines
    ]
    assert drawn[:2] == ["trail", "method_0"]
    assert "method_8" not in drawn


def test_the_page_is_the_same_twice(tmp_path):
    rows = rows_for(BASE, BASE)
    for name in "ab":
        write_report(Results(tuple(rows)), tmp_path / name)
    pages = [(tmp_path / name / "report.html").read_text() for name in "ab"]
    assert re.sub(r"\s", "", pages[0]) == re.sub(r"\s", "", pages[1])


def test_one_method_and_one_origin_is_enough(tmp_path):
    rows = [row for row in rows_for({"decayed": 1.0}, {"decayed": 1.0}) if row.split == "test"]
    only = [row for row in rows if row.origin == rows[0].origin]
    assert write_report(Results(tuple(only)), tmp_path).comparisons == ()
    two = [row for row in rows_for(BASE, BASE) if row.split == "test" and row.origin == rows[0].origin]
    assert write_report(Results(tuple(two)), tmp_path / "two").comparisons[0].t_low == -math.inf
    assert "Infinity" not in (tmp_path / "two" / "report.json").read_text()
    page = (tmp_path / "report.html").read_text()
    assert "decayed" in page
    assert "dotted" not in page, "nothing but test origins: no line between the two"


def test_a_category_whose_name_holds_dollars_is_drawn_by_its_name():
    names = ("category:$5 and under, 10% off $20", "category:Save $5_ or $10")
    rows = [
        replace(row, metric="coverage_gap", scope=name, value=0.01)
        for row in rows_for({"a": 0.8}, {"a": 0.8})
        for name in names
    ]
    figure = plot_coverage_gap(rows, [("a", "every")])
    assert to_png(figure)
    assert all(name in unescape(to_svg(figure, "salt")) for name in names)
