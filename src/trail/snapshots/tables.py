"""The three tables of a snapshot: to Arrow and back, so that nothing a claim rests on is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from trail.baselines import Launch
from trail.baselines.protocol import ARRAYS, Forecast
from trail.errors import DataError
from trail.events import Horizon
from trail.facts.claims import Checked, Claim, Driver, Kind, Verdict, Verification
from trail.signals import Calendar, Cards
from trail.snapshots.manifest import FILES

FORECAST_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
        *(
            pa.field(name, pa.float64(), nullable=False)
            for name in ("score", "expected", "q10", "q50", "q90", "p_top", "prior")
        ),
        pa.field("forecaster", pa.string(), nullable=False),
    ]
)
#: Key of a forecast's metadata: what all its items miss together.
_SHARED = b"trail.shared"
#: An optional last column of `forecast.parquet`: of a new item the past launches most like it, nearest first; null of others.
LAUNCHES: pa.Field = pa.field(
    "launches",
    pa.list_(
        pa.struct(
            [
                ("item_id", pa.string()),
                ("title", pa.string()),
                ("similarity", pa.float64()),
                ("cutoff", pa.timestamp("us", tz="UTC")),
                ("count", pa.float64()),
            ]
        )
    ),
)
#: A number or a word is stated; each has its own column, the other is null.
_CLAIM = pa.struct(
    [
        ("kind", pa.string()),
        ("signal", pa.string()),
        ("window", pa.int64()),
        ("relation", pa.string()),
        ("stated", pa.float64()),
        ("stated_word", pa.string()),
        ("actual", pa.float64()),
        ("actual_word", pa.string()),
        ("verdict", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("other", pa.string()),
        ("hedged", pa.bool_()),
        ("step", pa.float64()),
        ("reason", pa.string()),
    ]
)
EXPLANATION_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("claims", pa.list_(_CLAIM), nullable=False),
        pa.field("drivers", pa.list_(pa.struct([("signal", pa.string()), ("effect", pa.float64())]))),
        pa.field("source", pa.string(), nullable=False),
    ]
)
_KEY = b"trail.cards"


class Explanation(Protocol):
    """What the writer hands over: a text, what it claims, what drove the score."""

    @property
    def item_id(self) -> str:
        """The item explained."""
        ...

    @property
    def text(self) -> str:
        """The text shown."""
        ...

    @property
    def verification(self) -> Verification:
        """Every claim of the text with its verdict."""
        ...

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """What moved the score, strongest first."""
        ...

    @property
    def source(self) -> str:
        """`model` or `plain`."""
        ...


@dataclass(frozen=True)
class Explained:
    """An explanation as a snapshot keeps it; fields as in `Explanation`."""

    item_id: str
    text: str
    verification: Verification
    drivers: tuple[Driver, ...]
    source: str


def ranking(score: np.ndarray, item_ids: Sequence[str]) -> np.ndarray:
    """Returns rows from the highest score down, ties by item: the one order of ranks; shape (items,)."""
    return np.lexsort((np.asarray(item_ids, dtype=str), -score))


def forecast_table(
    cards: Cards,
    forecast: Forecast,
    p_top: np.ndarray,
    prior: np.ndarray,
    launches: Mapping[str, Sequence[Launch]] = MappingProxyType({}),
) -> pa.Table:
    """Lays a forecast out as `forecast.parquet`, best first.

    Args:
        cards: The cards forecast.
        forecast: Their forecast, in the cards' row order.
        p_top: Chance of the top K, shape (items,).
        prior: Expected count of the prior alone, shape (items,).
        launches: New item -> the past launches most like it; without any, there is no such column.
    """
    item_ids = cards.item_ids
    rows = ranking(forecast.score, item_ids)
    ordered = forecast.take(rows)
    columns: dict[str, Any] = {
        "item_id": [item_ids[row] for row in rows],
        "rank": np.arange(1, len(rows) + 1),
        **{name: getattr(ordered, name) for name in ("score", "expected", "q10", "q50", "q90")},
        "p_top": p_top[rows],
        "prior": prior[rows],
        "forecaster": [str(name) for name in ordered.forecaster],
    }
    shared = {_SHARED: repr(float(forecast.shared))}
    table = pa.table(columns, schema=FORECAST_SCHEMA.with_metadata(shared))
    if not launches:
        return table
    named = [
        [asdict(each) for each in launches[item]] if item in launches else None for item in columns["item_id"]
    ]
    return table.append_column(LAUNCHES, pa.array(named, LAUNCHES.type))


def shared_of(table: pa.Table) -> float:
    """Returns what the items of a sealed forecast miss together (`Forecast.shared`); 0 where nothing is said of it.

    Raises:
        DataError: If it is no number, or one that no forecast has.
    """
    told = (table.schema.metadata or {}).get(_SHARED, b"0")
    with suppress(ValueError):
        if 0 <= (found := float(told)) < np.inf:
            return found
    raise DataError(f"{_SHARED.decode()} = {told!r}", expected="a number, 0 or more", where=FILES[0])


def launches_of(forecast: pa.Table, row: int) -> tuple[Launch, ...]:
    """Returns the past launches most like the item in a row of a forecast table, nearest first; none where none is named."""
    if LAUNCHES.name not in forecast.column_names:
        return ()
    named = forecast[LAUNCHES.name][row].as_py() or ()
    return tuple(Launch(**{**each, "cutoff": each["cutoff"].astimezone(UTC)}) for each in named)


def forecast_from(table: pa.Table, cards: Cards) -> tuple[Forecast, np.ndarray]:
    """Returns a sealed forecast and its chances of the top K in the cards' row order.

    Raises:
        DataError: If cards and forecast are not about the same items.
    """
    place = {item: row for row, item in enumerate(table["item_id"].to_pylist())}
    item_ids = cards.item_ids
    if set(place) != set(item_ids):
        raise DataError(
            f"cards of {len(item_ids)} items and a forecast of {len(place)}", expected="the same items"
        )
    ordered = table.take(pa.array([place[item] for item in item_ids], pa.int64()))
    columns = {name: ordered[name].to_numpy() for name in FORECAST_SCHEMA.names}
    found = Forecast(**{name: columns[name] for name in ARRAYS}, shared=shared_of(table))
    return found, columns["p_top"]


def cards_table(cards: Cards) -> pa.Table:
    """Returns the cards' table with cutoff, horizon, calendar and noun in its schema's metadata."""
    calendar = cards.calendar
    known = {
        "cutoff": cards.cutoff.isoformat(),
        "horizon_days": cards.horizon.days,
        "events": cards.events,
        "calendar": {
            "start": calendar.start.isoformat(),
            "end": calendar.end.isoformat(),
            "holidays": [[day.isoformat(), name] for day, name in calendar.holidays],
            "next_holiday": calendar.next_holiday,
        },
    }
    return cards.table.replace_schema_metadata({_KEY: json.dumps(known, sort_keys=True).encode()})


def cards_from(table: pa.Table) -> Cards:
    """Rebuilds cards exactly as they were sealed.

    Raises:
        DataError: If the table does not say which period it is about.
    """
    found = (table.schema.metadata or {}).get(_KEY)
    if found is None:
        raise DataError(
            "cards without their period", expected="cutoff and calendar in the schema", where="cards.parquet"
        )
    known = json.loads(found)
    calendar = known["calendar"]
    return Cards(
        table=table.replace_schema_metadata(None),
        cutoff=datetime.fromisoformat(known["cutoff"]),
        horizon=Horizon(known["horizon_days"]),
        calendar=Calendar(
            start=date.fromisoformat(calendar["start"]),
            end=date.fromisoformat(calendar["end"]),
            holidays=tuple((date.fromisoformat(day), name) for day, name in calendar["holidays"]),
            next_holiday=calendar["next_holiday"],
        ),
        events=known["events"],
    )


def _split(name: str, value: float | str | None) -> dict[str, float | str | None]:
    word = value if isinstance(value, str) else None
    number = None if value is None or isinstance(value, str) else float(value)
    return {name: number, f"{name}_word": word}


def claim_row(checked: Checked) -> dict[str, Any]:
    """Returns a checked claim as a flat row of `explanations.parquet`."""
    claim = checked.claim
    return {
        "kind": claim.kind.value,
        "signal": claim.signal,
        "window": claim.window,
        "relation": claim.relation,
        **_split("stated", claim.stated),
        **_split("actual", checked.actual),
        "verdict": checked.verdict.value,
        "start": claim.start,
        "end": claim.end,
        "other": claim.other,
        "hedged": claim.hedged,
        "step": float(claim.step),
        "reason": checked.reason,
    }


def _joined(row: Mapping[str, Any], name: str) -> float | str | None:
    number: float | None = row[name]
    word: str | None = row[f"{name}_word"]
    return number if word is None else word


def _claim_from(row: Mapping[str, Any]) -> Checked:
    claim = Claim(
        kind=Kind(row["kind"]),
        signal=row["signal"],
        start=row["start"],
        end=row["end"],
        window=row["window"],
        relation=row["relation"],
        stated=_joined(row, "stated"),
        hedged=row["hedged"],
        other=row["other"],
        step=row["step"],
    )
    return Checked(claim, Verdict(row["verdict"]), _joined(row, "actual"), row["reason"])


def explanations_table(explanations: Sequence[Explanation]) -> pa.Table:
    """Lays explanations out as `explanations.parquet`, in their order."""
    rows = [
        {
            "item_id": each.item_id,
            "text": each.text,
            "claims": [claim_row(checked) for checked in each.verification.checked],
            "drivers": [{"signal": driver.signal, "effect": driver.effect} for driver in each.drivers],
            "source": each.source,
        }
        for each in explanations
    ]
    return pa.Table.from_pylist(rows, schema=EXPLANATION_SCHEMA)


def explanations_from(table: pa.Table) -> tuple[Explained, ...]:
    """Rebuilds explanations as they were sealed."""
    return tuple(
        Explained(
            item_id=row["item_id"],
            text=row["text"],
            verification=Verification(tuple(_claim_from(claim) for claim in row["claims"])),
            drivers=tuple(Driver(**driver) for driver in row["drivers"]),
            source=row["source"],
        )
        for row in table.to_pylist()
    )
