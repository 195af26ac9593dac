"""Whether a reader could tell the forecast from the reasons: a surrogate's answers, cross-validated by items.

The tasks are those of XForecast (forecast simulatability): from an explanation alone, which of two items was forecast higher,
and whether a forecast is up or down on the last window.

Shapes: N cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trail.evaluate.resampling import interval, item_weights, weighted_means
from trail.evaluate.simulate.masking import Masked, masked
from trail.evaluate.simulate.surrogate import Encoder, learn_order, learn_side, sides
from trail.evaluate.simulate.texts import CEILING, Case, Given, cases_of, sources
from trail.snapshots import Snapshot

ORDER, DIRECTION = "order", "direction"
#: Parts that items are dealt into, and how often they are dealt anew.
_FOLDS, _REPEATS = 5, 4


@dataclass(frozen=True)
class Simulated:
    """How well a surrogate recovers forecasts from one source of texts.

    Attributes:
        source: `shown`, `plain`, `all signals` (the ceiling), `shuffled`, or the name of a given one.
        task: `order` or `direction`.
        accuracy: Share of right answers, .5 by chance; a tie is half right.
        low: Lower end of the 95% bootstrap interval over the items of each cutoff; the surrogate is not learned anew.
        high: Upper end.
        share: Accuracy in parts of the ceiling's.
        share_low: Lower end of its interval, drawn with the ceiling's.
        share_high: Upper end.
        texts: Texts.
        by_model: Of them, those whose shown text the model wrote.
        cutoffs: Cutoffs.
        cases: Answers: pairs of texts, or texts.
        seals: First digits of the snapshots' seals.
        seed: Seed of folds, shuffle and bootstrap.
    """

    source: str
    task: str
    accuracy: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    texts: int
    by_model: int
    cutoffs: int
    cases: int
    seals: str
    seed: int


@dataclass(frozen=True)
class _Asked:
    """What a surrogate is asked about all cases.

    Attributes:
        expected: Expected count, shape (N,).
        side: 1 where it is above the last window's count, -1 where below, 0 where level, shape (N,).
        cutoff: Number of the cutoff, shape (N,).
        balance: Weight of each case in the second task, shape (N,).
        folds: Part of each case in each repeat, shape (repeats, N); an item's are one.
    """

    expected: np.ndarray
    side: np.ndarray
    cutoff: np.ndarray
    balance: np.ndarray
    folds: np.ndarray


def simulatability(
    snapshots: Sequence[Snapshot], given: Mapping[str, Given] | None = None, *, seed: int = 0
) -> list[Simulated]:
    """Measures every source of texts by the same surrogate, on the same items, dealt into the same folds.

    A surrogate answers only about items of which it saw no text at any cutoff. Two texts are compared where both are such.
    In the second task the cutoffs weigh alike, and in each of them both sides: who knows the cutoff alone is right half the
    time. Cutoffs with one side only do not count there.

    Args:
        snapshots: Sealed forecasts of different cutoffs; all explained items count.
        given: Texts of the same items from elsewhere, by name of their source.
        seed: Seed of folds, shuffle and bootstrap.

    Raises:
        DataError: If there is no text, or a given source lacks one.
    """
    cases = cases_of(snapshots)
    asked = _asked(cases, seed)
    weights = item_weights([case.card.item_id for case in cases], seed=seed)
    seals = " ".join(each.manifest.seal[:8] for each in snapshots)
    written = sum(case.explanation.source == "model" for case in cases)
    found: dict[tuple[str, str], tuple[float, np.ndarray, int]] = {}
    for source, texts in sources(cases, given or {}, seed).items():
        hidden = [masked(text, case.card) for text, case in zip(texts, cases, strict=True)]
        right = _answers(hidden, asked)
        found[source, ORDER] = _of_pairs(*right[ORDER], weights)
        found[source, DIRECTION] = _of_texts(*right[DIRECTION], asked.balance, weights)
    rows = []
    for (source, task), (accuracy, draws, number) in found.items():
        best, best_draws, _ = found[CEILING, task]
        counts = (len(cases), written, len(np.unique(asked.cutoff)), number)
        with np.errstate(divide="ignore", invalid="ignore"):  # of a few items the ceiling may know none
            shares = (accuracy / best if best else float("nan"), *interval(draws / best_draws))
        rows.append(Simulated(source, task, accuracy, *interval(draws), *shares, *counts, seals, seed))
    return rows


def _asked(cases: Sequence[Case], seed: int) -> _Asked:
    expected = np.array([case.outlook.expected for case in cases])
    side = np.sign(expected - np.array([case.card["count_1"] or 0.0 for case in cases]))
    _, cutoff = np.unique([case.card.cutoff.timestamp() for case in cases], return_inverse=True)
    items, item = np.unique([case.card.item_id for case in cases], return_inverse=True)
    rng = np.random.default_rng(seed)
    folds = np.stack([(rng.permutation(len(items)) % _FOLDS)[item] for _ in range(_REPEATS)])
    return _Asked(expected, side, cutoff, _balance(side, cutoff), folds)


def _balance(side: np.ndarray, cutoff: np.ndarray) -> np.ndarray:
    """Returns weights by which both sides of every cutoff have the same sum; 0 where a cutoff has one side only, or level.

    They sum to the number of weighted cases.
    """
    found = np.zeros(len(side))
    for number in np.unique(cutoff):
        parts = [(cutoff == number) & (side == each) for each in (1, -1)]
        if all(part.any() for part in parts):
            for part in parts:
                found[part] = 1 / part.sum()
    return np.asarray(found * (np.count_nonzero(found) / max(found.sum(), 1e-9)))


_Right = tuple[np.ndarray, np.ndarray]


def _answers(texts: Sequence[Masked], asked: _Asked) -> dict[str, _Right]:
    """Returns sums of right answers and numbers of answers: of pairs, shape (N, N), and of texts, shape (N,)."""
    size = len(texts)
    pairs, single = (np.zeros((2, size, size)), np.zeros((2, size)))
    for fold in _folds(asked):
        train, test = np.flatnonzero(~fold), np.flatnonzero(fold)
        encoder = Encoder.fit([texts[at] for at in train.tolist()])
        known, new = (encoder([texts[at] for at in rows.tolist()]) for rows in (train, test))
        score = new @ learn_order(known, asked.expected[train], asked.cutoff[train])
        comparable = asked.cutoff[test][:, None] == asked.cutoff[test]
        gap = np.subtract.outer(asked.expected[test], asked.expected[test])
        comparable &= gap != 0
        agree = (np.sign(np.subtract.outer(score, score)) * np.sign(gap) + 1) / 2
        pairs[:, test[:, None], test] += np.where(comparable, [agree, np.ones_like(agree)], 0.0)
        # balanced among themselves: else the side that the tested texts have less of would be learned
        weight = _balance(asked.side[train], asked.cutoff[train])
        guess = np.sign(sides(new, learn_side(known, asked.side[train], weight)))
        single[:, test] += [(guess * asked.side[test] + 1) / 2, np.ones(len(test))]
    return {ORDER: (pairs[0], pairs[1]), DIRECTION: (single[0], single[1])}


def _folds(asked: _Asked) -> Iterator[np.ndarray]:
    """Yields which cases are tested, for every part of every repeat that holds any and leaves any."""
    for part in (row == fold for row in asked.folds for fold in range(_FOLDS)):
        if part.any() and not part.all():
            yield part


def _of_pairs(right: np.ndarray, number: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray, int]:
    """Returns the accuracy over pairs, its bootstrap draws, and how many pairs were compared."""
    share, compared = _shares(right, number), (number > 0).astype(float)
    total = compared.sum()
    with np.errstate(invalid="ignore"):  # no pair was compared
        draws = np.divide(*(np.einsum("di,di->d", weights @ each, weights) for each in (share, compared)))
    return float(share.sum() / total) if total else float("nan"), draws, int(total // 2)


def _of_texts(
    right: np.ndarray, number: np.ndarray, balance: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray, int]:
    """Returns the balanced accuracy over texts, its bootstrap draws, and how many texts counted."""
    share, counted = _shares(right, number), balance > 0
    value = float(share @ balance / balance.sum()) if counted.any() else float("nan")
    return value, weighted_means(share, weights * balance), int(counted.sum())


def _shares(right: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Returns the share of right answers over the repeats, 0 where none was given."""
    return np.asarray(np.divide(right, number, out=np.zeros_like(right), where=number > 0))


def simulated_table(rows: Sequence[Simulated]) -> str:
    """Returns the rows as a Markdown table: a line a source, both tasks beside each other."""
    lines = [
        "| texts | order of two | share of the ceiling | up or down | share of the ceiling |",
        "|---|---:|---:|---:|---:|",
    ]
    known = {(row.source, row.task): row for row in rows}
    for source in dict.fromkeys(row.source for row in rows):
        cells = [cell for task in (ORDER, DIRECTION) for cell in _cells(known[source, task])]
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cells(row: Simulated) -> tuple[str, str]:
    return (
        f"{row.accuracy:.3f} ({row.low:.3f} to {row.high:.3f}; {row.cases})",
        f"{row.share:.3f} ({row.share_low:.3f} to {row.share_high:.3f})",
    )
