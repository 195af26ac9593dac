"""The backtest withholds the future, refits as asked, checks what it is given, and says where rows come from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC

import numpy as np
import pyarrow.parquet as pq
import pytest

from trail.baselines import Decayed, LastWindow, active
from trail.baselines.sample import sample_history
from trail.errors import ConfigError, DataError, ModelError
from trail.evaluate import (
    METRICS,
    Origins,
    Outcome,
    Results,
    Row,
    Task,
    backtest,
    read_rows,
    write_rows,
)
from trail.evaluate.flat import rows_of, schema_of, table_of
from trail.evaluate.rows import Bin, Riser
from trail.signals import known_at


def split_of(history, validation=3, test=4) -> Origins:
    cutoffs = tuple(example.cards.cutoff for example in history)
    first = len(cutoffs) - test
    return Origins(cutoffs[: first - validation], cutoffs[first - validation : first], cutoffs[first:])


@dataclass(frozen=True)
class Slow(LastWindow):
    """Records on what it was fitted."""

    seen: tuple = ()
    log: list = None  # type: ignore[assignment]

    @property
    def name(self):
        return "slow"

    def fit(self, history):
        self.log.append([example.cards.cutoff for example in history])
        return replace(super().fit(history), seen=tuple(example.known_from for example in history))

    def predict(self, cards):
        assert all(moment <= cards.cutoff for moment in self.seen), "it knows the future"
        return super().predict(cards)


def test_values_are_those_of_a_fit_by_hand():
    history = sample_history()
    origins = split_of(history)
    rows = backtest(Task.of(history, origins), history, [LastWindow(), Decayed()]).rows
    example = history[-1]
    found = Decayed().fit(known_at(history, example.cards.cutoff)).predict(example.cards)
    outcome = Outcome.of(example, found)
    for scope, mask in (("active", active(example.cards)), ("all", np.ones(len(found), dtype=bool))):
        mine = {
            row.metric: row.value
            for row in rows
            if (row.forecaster, row.scope, row.origin) == ("decayed", scope, example.cards.cutoff)
        }
        assert mine == pytest.approx(
            {n: m.measure(outcome.take(mask)) for n, m in METRICS.items()}, nan_ok=True
        )
    wide = [row for row in rows if row.scope in ("active", "all")]
    assert len(wide) == 2 * 7 * 2 * len(METRICS)
    assert {row.split for row in rows if row.origin in origins.validation} == {"validation"}
    assert {row.split for row in rows if row.origin in origins.test} == {"test"}
    assert {row.items for row in rows if row.scope == "all"} == {120}
    assert max(row.items for row in rows if row.scope == "active") < 120


def test_refits_at_every_origin_or_once_a_split():
    history = sample_history()
    origins = split_of(history)
    every, once = [], []
    rows = backtest(Task.of(history, origins), history[::-1], [Slow(log=every)], once=[Slow(log=once)]).rows
    cutoffs = [example.cards.cutoff for example in history]
    assert [len(each) for each in every] == [cutoffs.index(o) for o in (*origins.validation, *origins.test)]
    assert [len(each) for each in once] == [
        cutoffs.index(o) for o in (origins.validation[0], origins.test[0])
    ]
    assert all(each == sorted(each) for each in every)
    assert {(row.forecaster, row.refit) for row in rows} == {("slow", "every"), ("slow", "once")}
    fits = {row.origin for row in rows if row.refit == "once" and row.fit_seconds > 0}
    assert fits == {origins.validation[0], origins.test[0]}
    assert all(0 <= row.fit_seconds <= row.seconds for row in rows)


def test_what_there_is_already_is_not_measured_again():
    """A run that was stopped after its first two origins goes on to the same numbers, and once is still fitted first."""
    history = sample_history()
    task = Task.of(history, split_of(history))
    parts, every, once = [], [], []
    full = backtest(
        task, history, [Slow(log=every)], once=[replace(Slow(log=once))], splits=("test",), keep=parts.append
    )
    assert len(parts) == 4
    assert sum(parts, Results()) == full
    had = parts[0] + parts[1]
    fits, late = [], []
    again = backtest(
        task, history, [Slow(log=fits)], once=[Slow(log=late)], splits=("test",), had=had, keep=parts.append
    )
    assert (fits, late) == (every[2:], once)
    assert again.runs == full.runs
    assert len(parts) == 6
    values = [{(row.run, row.scope, row.metric): row.value for row in each.rows} for each in (full, again)]
    assert values[0] == pytest.approx(values[1], nan_ok=True)
    # another seed is another run
    backtest(replace(task, seed=1), history, [Slow(log=fits)], splits=("test",), had=full)
    assert len(fits) == 2 + 4
    assert full.of(had.runs) == had


def test_a_forecaster_may_be_kept_from_validation():
    history = sample_history()
    task = Task.of(history, split_of(history))
    found = backtest(task, history, [LastWindow()], splits=("test",))
    assert {row.split for row in found.rows} == {each.split for each in found.bins} == {"test"}
    both = found + backtest(task, history, [LastWindow()], splits=("validation",))
    assert {row.task for row in both.rows} == {task.fingerprint}
    assert {row.split for row in both.rows} == {"validation", "test"}


def test_refuses_bad_forecasts_names_and_gaps():
    history = sample_history()
    origins = split_of(history)

    class Negative(LastWindow):
        def predict(self, cards):
            return replace(super().predict(cards), expected=np.full(len(cards), -1.0))

    task = Task.of(history, origins)
    with pytest.raises(ModelError, match=r"negative in 120 rows.*'last_window' at 2024"):
        backtest(task, history, [Negative()])
    with pytest.raises(ConfigError, match="different names"):
        backtest(task, history, [LastWindow(), LastWindow()])
    with pytest.raises(ConfigError, match="no forecaster"):
        backtest(task, history, [])
    with pytest.raises(DataError, match="another history"):
        backtest(task, history[1:], [LastWindow()])
    with pytest.raises(DataError, match="1 origins without labelled cards"):
        Task.of(history[:-1], origins)


def test_rows_say_where_they_come_from_and_survive_the_file(tmp_path):
    history = sample_history()
    calls = []
    origins = split_of(history, validation=0, test=1)
    task = Task.of(history, origins, seed=7)
    found = backtest(task, history, [LastWindow()], progress=lambda *each: calls.append(each[:2]))
    rows = list(found.rows)
    assert calls == [("last_window", origins.test[0])]
    assert {row.seed for row in rows} == {7}
    assert {row.task for row in rows} == {task.fingerprint}
    assert json.loads(rows[0].versions).keys() >= {"numpy", "lightgbm", "python", "trail-forecast"}
    assert all(row.seconds > 0 for row in rows)
    write_rows(rows, tmp_path / "rows.parquet")
    assert [replace(r, value=0.0) for r in read_rows(tmp_path / "rows.parquet")] == [
        replace(r, value=0.0) for r in rows
    ]
    assert np.allclose(
        [r.value for r in read_rows(tmp_path / "rows.parquet")], [r.value for r in rows], equal_nan=True
    )


def test_flat_rows_of_every_kind_survive_arrow_and_columns_may_come_in_another_order(tmp_path):
    history = sample_history()
    found = backtest(Task.of(history, split_of(history, 0, 1)), history, [LastWindow()])
    shared = ["task", "forecaster", "refit", "origin", "split", "seed"]
    for rows, kind in ((found.rows, Row), (found.bins, Bin), (found.risers, Riser)):
        table = table_of(rows, kind)
        assert table.schema == schema_of(kind) == table_of([], kind).schema
        assert table.column_names[:6] == shared
        again = rows_of(table, kind)
        assert repr(again) == repr(list(rows))  # a NaN does not equal itself
        assert again[0].origin.tzinfo is UTC
    table = table_of(found.rows, Row)
    pq.write_table(table.select(table.column_names[::-1]), tmp_path / "other.parquet")
    assert repr(read_rows(tmp_path / "other.parquet")) == repr(list(found.rows))
    pq.write_table(table.drop_columns(["seed"]), tmp_path / "less.parquet")
    with pytest.raises(DataError, match="the columns"):
        read_rows(tmp_path / "less.parquet")
