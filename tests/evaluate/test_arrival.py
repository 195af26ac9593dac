"""Late events are what happened, but not what was known: tasks, scorecards and their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import numpy as np
from tests.arriving import arriving

from trail.baselines import LastWindow
from trail.baselines.sample import sample_log
from trail.evaluate import Origins, Task
from trail.evaluate.scorecard.happened import happened
from trail.events import Horizon
from trail.operations.arriving import at_origins, of_end, of_log
from trail.signals import cards_at, label

WEEK = Horizon(7)
PUNCTUAL, ITEMS = sample_log()
LOG = arriving(PUNCTUAL)
CUTOFFS = tuple(LOG.last_cutoff() - timedelta(weeks=back) for back in range(7, 0, -1))
HISTORY = [label(LOG, cards_at(LOG, ITEMS, cutoff, WEEK)) for cutoff in CUTOFFS]
ROWS = LOG.table.order_by("item_id").to_pyarrow().to_pylist()
OF = {item: list(rows) for item, rows in groupby(ROWS, key=lambda row: row["item_id"])}


def count(item, start, end, known=None):
    """Events of an item in a span, those that had arrived by `known` if it is given."""
    return sum(
        start <= row["timestamp"] < end
        and (known is None or (row["ingested_at"] or row["timestamp"]) < known)
        for row in OF.get(item, ())
    )


def test_a_task_tests_on_the_truth_and_learns_and_chooses_on_what_was_known():
    origins = Origins(CUTOFFS[:2], CUTOFFS[2:4], CUTOFFS[4:])
    task = Task.of(HISTORY, origins)
    items = HISTORY[0].cards.item_ids

    def wanted(cutoff, known):
        return [count(item, cutoff, cutoff + WEEK.span, known) for item in items]

    for split in ("validation", "test"):
        for window in task.windows(HISTORY, split):
            target = window._target.tolist()
            assert target == wanted(window.cutoff, None if split == "test" else origins.test[0])
            assert split != "test" or target != wanted(window.cutoff, window.cutoff + WEEK.span)
            for each in window.known:
                assert each.target.tolist() == wanted(each.cards.cutoff, window.cutoff)
    fitted = LastWindow().fit(window.known)
    assert np.isfinite(fitted.predict(window.cards).expected).all()


def test_a_scorecard_counts_what_happened_and_what_was_known_before_it():
    cutoff, items = CUTOFFS[3], HISTORY[0].cards.item_ids[:40]
    found = happened(LOG, items, cutoff, WEEK)
    assert found.target.tolist() == [count(item, cutoff, cutoff + WEEK.span) for item in items]
    assert found.last.tolist() == [count(item, cutoff - WEEK.span, cutoff, cutoff) for item in items]
    assert found.last.sum() < sum(count(item, cutoff - WEEK.span, cutoff) for item in items)
    assert found.active.tolist() == [count(i, cutoff - 8 * WEEK.span, cutoff, cutoff) > 0 for i in items]


def test_words_say_how_many_came_too_late():
    midnight = {
        id(row): row["timestamp"].replace(hour=0, minute=0, second=0) + timedelta(days=1) for row in ROWS
    }
    late = [
        [
            (row["ingested_at"] or row["timestamp"]) >= midnight[id(row)] + wait < LOG.last_cutoff()
            for row in ROWS
        ]
        for wait in (timedelta(0), WEEK.span)
    ]
    first, second = (sum(each) / len(ROWS) for each in late)
    assert 0 < second < first
    assert of_log(LOG, WEEK) == (
        f"in the log: a forecast waits for none; {first:.1%} of the events come too late for the first cutoff after them, "
        f"{second:.1%} too late for the one a week after that"
    )
    spans = [(cutoff - WEEK.span, cutoff) for cutoff in CUTOFFS[-2:]]
    before = sum(count(item, *span) for span in spans for item in OF)
    missing = before - sum(count(item, *span, span[1]) for span in spans for item in OF)
    assert at_origins(LOG, WEEK, CUTOFFS[-2:]).startswith(
        f"At the test origins {missing:,} of the {before:,} events of the week before ({missing / before:.1%}) had not"
    )
    assert of_log(PUNCTUAL, WEEK).startswith("not in the log")
    assert "does not say" in at_origins(PUNCTUAL, WEEK, CUTOFFS[-2:])


def test_where_a_log_ends_beside_a_forecast_is_said():
    day, end = timedelta(days=1), PUNCTUAL.last_cutoff()
    assert of_end(PUNCTUAL, end) == of_end(PUNCTUAL, end - WEEK.span) == ()
    assert of_end(PUNCTUAL, end + 2 * day)[0].startswith("The log ends ")
    cut = replace(PUNCTUAL, unfinished=True)
    assert cut.last_cutoff() == end - day
    assert "not over or hardly there, and left out" in of_end(cut, cut.last_cutoff())[0]
    assert of_end(cut, cut.end) == ()  # a cutoff that somebody named within the last day
    assert of_end(cut, cut.last_cutoff() - WEEK.span) == ()
