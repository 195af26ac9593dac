"""The signals as a competent user writes them in pandas: grouped and vectorised, no loop over items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from trail.events import Horizon
from trail.signals import calendar_of

_WEEK, _DAY = pd.Timedelta(days=7), pd.Timedelta(days=1)
_COLUMNS = ["item_id", "timestamp", "user_id", "weight", "price"]


def _history(events: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Returns weights by window, slices, totals and mean prices; one row an item of the log."""
    recent = events[events.age < 12]
    frame = recent.groupby(["item_id", "age"], observed=True).weight.sum().unstack(fill_value=0.0)
    frame = frame.reindex(columns=range(12), fill_value=0.0)
    frame.columns = [f"w{k}" for k in range(1, 13)]
    item = events.groupby("item_id", observed=True)
    total = item.agg(total=("weight", "sum"), first=("timestamp", "min"), last=("timestamp", "max"))
    season = cutoff - pd.Timedelta(days=364)
    slices = {
        "late": events.timestamp >= cutoff - 3 * _DAY,
        "season_next": (events.timestamp >= season) & (events.timestamp < season + _WEEK),
        "season_last": (events.timestamp >= season - _WEEK) & (events.timestamp < season),
    }
    parts = {
        name: events[rows].groupby("item_id", observed=True).weight.sum() for name, rows in slices.items()
    }
    prices = {"price_last": recent[recent.age == 0], "price_before": recent[recent.age.between(1, 4)]}
    parts |= {name: rows.groupby("item_id", observed=True).price.mean() for name, rows in prices.items()}
    frame = total.join(frame).join(pd.DataFrame(parts))
    frame.index = frame.index.astype(str)
    return frame


def _people(events: pd.DataFrame) -> pd.DataFrame:
    """Returns distinct users of two windows and the heaviest user's weight; one row an item."""
    named = events[(events.age < 2) & events.user_id.notna()]
    each = named.groupby(["item_id", "age", "user_id"], observed=True).weight.sum().reset_index()
    item = each.groupby(["item_id", "age"], observed=True).weight.agg(["size", "max"]).unstack()
    frame = pd.DataFrame(
        {"users_now": item["size", 0], "users_then": item["size", 1], "heaviest": item["max", 0]}
    )
    frame.index = frame.index.astype(str)
    return frame


def _ratio(top: pd.Series | float, bottom: pd.Series | float) -> pd.Series:
    return top / pd.Series(bottom).where(bottom != 0)


def _shape(w: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the signals of the windows alone; w has shape (items, 12), newest first."""
    out = {f"count_{k + 1}": w[:, k] for k in range(12)}
    for name, half_life in (("level_half", 0.5), ("level_one", 1.0), ("level_three", 3.0)):
        out[name] = np.average(w, axis=1, weights=0.5 ** (np.arange(12) / half_life))
    out["mean_4"], out["mean_12"] = w[:, :4].mean(axis=1), w.mean(axis=1)
    slopes = [(w[:, i] - w[:, j]) / (j - i) for i, j in combinations(range(6), 2)]
    out["slope"] = np.median(np.column_stack(slopes), axis=1)
    peak = w.max(axis=1)
    known = np.where(peak > 0, peak, np.nan)
    out["peak_share"] = w[:, 0] / known
    out["peak_ago"] = np.where(peak > 0, w.argmax(axis=1) + 1.0, np.nan)
    out["active_windows"] = (w > 0).sum(axis=1).astype(float)
    steps = np.sign(w[:, :-1] - w[:, 1:])
    run = np.cumprod(steps == steps[:, :1], axis=1).sum(axis=1)
    out["streak"] = steps[:, 0] * run
    out["change"] = w[:, 0] - w[:, 1]
    out["acceleration"] = w[:, 0] - 2 * w[:, 1] + w[:, 2]
    return out


def _standing(f: pd.DataFrame) -> dict[str, pd.Series]:
    """Returns ranks, shares, ratios and what the category and the catalogue did."""
    kin = f.groupby("category")
    now, then, ranks = (
        kin.w1.transform("sum"),
        kin.w2.transform("sum"),
        f.w1.rank(method="min", ascending=False),
    )
    return {
        "rank": ranks,
        "share": f.w1 / f.w1.sum(),
        "category_rank": kin.w1.rank(method="min", ascending=False),
        "category_share": _ratio(f.w1, now),
        "last_year": f.season_next,
        "last_year_change": _ratio(f.season_next, f.season_last) - 1,
        "growth": _ratio(f.w1, f.w2) - 1,
        "late": f.late,
        "late_share": _ratio(f.late, f.w1),
        "rank_change": f.w2.rank(method="min", ascending=False) - ranks,
        "users": f.users_now,
        "users_change": f.users_now - f.users_then,
        "heaviest_share": _ratio(f.heaviest, f.w1),
        "category_count": now,
        "category_growth": _ratio(now, then) - 1,
        "catalogue_growth": pd.Series(f.w1.sum() / f.w2.sum() - 1, index=f.index),
        "price_paid": f.price_last,
        "price_change": _ratio(f.price_last, f.price_before) - 1,
    }


def pandas_cards(folder: Path, moment: datetime) -> Callable[[], pa.Table]:
    """Returns the job: read the columns it needs, group, join, compute."""
    cutoff = pd.Timestamp(moment)

    def job() -> pa.Table:
        events = pd.read_parquet(folder / "events.parquet", columns=_COLUMNS)
        items = pd.read_parquet(folder / "items.parquet", columns=["item_id", "category", "release"])
        events = events[events.timestamp < cutoff]
        events = events.assign(
            item_id=events.item_id.astype("category"),
            age=(cutoff - pd.Timedelta(microseconds=1) - events.timestamp) // _WEEK,
        )
        f = items.set_index("item_id").join(_history(events, cutoff), how="outer").join(_people(events))
        f = f.sort_index()
        zeros = [f"w{k}" for k in range(1, 13)]
        zeros += ["late", "season_next", "season_last", "total", "users_now", "users_then", "heaviest"]
        f[zeros] = f[zeros].fillna(0.0)
        out = pd.DataFrame(_shape(f[[f"w{k}" for k in range(1, 13)]].to_numpy()), index=f.index)
        out = out.assign(**_standing(f), total=f.total, age=(cutoff - f["first"]) / _DAY)
        out = out.assign(recency=(cutoff - f["last"]) / _DAY)
        out["release_age"] = (cutoff.tz_localize(None) - pd.to_datetime(f.release)) / _DAY
        out = out.assign(**calendar_of(moment, Horizon(7)).numbers)
        return pa.Table.from_pandas(out.reset_index(names="item_id"), preserve_index=False)

    return job
