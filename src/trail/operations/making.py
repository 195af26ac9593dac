"""What a snapshot is made of: the numbers of a model or a baseline, with texts by a model or plain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from trail.baselines import Forecast, Forecaster, p_top
from trail.evaluate.faithfulness import Subject
from trail.facts import Driver, Style, plain, verify
from trail.facts.claims import Outlook
from trail.operations.lookalikes import look_alikes
from trail.operations.serving import told_baseline
from trail.operations.workspace import Report, Workspace
from trail.signals import Card, Cards, Labelled
from trail.snapshots import Explained, Explanation, Manifest, forecast_table, outlook_of
from trail.snapshots.tables import ranking

if TYPE_CHECKING:
    from trail.explain import Explanation as Written


@dataclass(frozen=True)
class Made:
    """What is sealed, and how its numbers and texts came about."""

    table: pa.Table
    cards: Cards
    texts: Sequence[Explanation]
    explaining: float
    tries: tuple[int, ...] = ()
    why: tuple[str, ...] = ()


def by_model(
    folder: Path,
    history: Sequence[Labelled],
    cards: Cards,
    manifest: Manifest,
    report: Report,
    *,
    plainly: bool,
) -> Made:
    """Forecasts and explains with a trained model whose prior is refitted on the history."""
    from trail.explain import put_in_words, tell  # noqa: PLC0415 - loads torch; only this path needs it
    from trail.forecast import load  # noqa: PLC0415 - as above

    model = load(folder).fit(history)
    forecast, chances, order = _numbers(model, cards, manifest, report)
    rows = [int(row) for row in order[: manifest.explained]]
    start = time.perf_counter()
    told = tell(model, cards, forecast, chances, rows, k=manifest.k) if rows else []
    written = [] if plainly else put_in_words(model, told, seed=manifest.seed)
    texts: Sequence[Explanation] = written or [
        plain_explanation(each.card, each.outlook, each.drivers) for each in told
    ]
    took, prior = time.perf_counter() - start, model.prior_forecast(cards).expected
    table = forecast_table(cards, forecast, chances, prior, look_alikes(history, cards, order))
    return Made(table, cards.take(order), texts, took, _tries(written))


def by_baseline(
    workspace: Workspace,
    history: Sequence[Labelled],
    cards: Cards,
    manifest: Manifest,
    report: Report,
    *,
    writer: Path | None,
) -> Made:
    """Forecasts with a baseline, named or the best on validation origins; explains with its drivers, by a model or plainly."""
    fitted, why = told_baseline(workspace, manifest.by, history)
    forecast, chances, order = _numbers(fitted, cards, manifest, report)
    rows = order[: manifest.explained].astype(np.int64)
    table = forecast_table(cards, forecast, chances, forecast.expected, look_alikes(history, cards, order))
    start, picked = time.perf_counter(), cards.take(rows)
    drivers = (
        Subject.of_forecaster(fitted, cards, forecast).effects(picked).every(picked) if len(rows) else []
    )
    if writer and drivers:
        from trail.explain import put_in_words  # noqa: PLC0415 - loads torch; only this path needs it
        from trail.forecast import load, tell  # noqa: PLC0415 - as above

        told = tell(cards, forecast, chances, rows, drivers, k=manifest.k)
        written = put_in_words(load(writer), told, seed=manifest.seed)
        took = time.perf_counter() - start
        return Made(table, cards.take(order), written, took, _tries(written), why)
    texts = [
        plain_explanation(card, outlook_of(table, card.item_id, manifest.k), drivers[at])
        for at, card in enumerate(picked.card(row) for row in range(len(picked)))
    ]
    return Made(table, cards.take(order), texts, time.perf_counter() - start, why=why)


def _numbers(
    fitted: Forecaster, cards: Cards, manifest: Manifest, report: Report
) -> tuple[Forecast, np.ndarray, np.ndarray]:
    """Returns the forecast of a fitted forecaster, the chances of the top K, and the rows by rank."""
    report("fitting", 1, 1)
    report("forecasting", 0, 1)
    forecast = fitted.predict(cards)
    chances = p_top(forecast, manifest.k, seed=manifest.seed)
    report("forecasting", 1, 1)
    report("explaining", 0, 1)
    return forecast, chances, ranking(forecast.score, cards.item_ids)


def _tries(texts: Sequence[Written]) -> tuple[int, ...]:
    """Returns how many tries each text by the model took."""
    return tuple(each.tries for each in texts if each.source == "model")


def plain_explanation(
    card: Card, outlook: Outlook, drivers: Sequence[Driver] = (), style: Style | None = None
) -> Explained:
    """Returns the plain rendering of a card's facts, with what moved its forecast where that is known."""
    text = plain(card, outlook, drivers, style)
    return Explained(card.item_id, text, verify(text, card, outlook), tuple(drivers), "plain")
