"""Score pairs: two items at one cutoff whose outcomes differ by more than chance."""

from __future__ import annotations

import numpy as np

#: Standard normal quantile of the count test; 1.96 is 95%.
Z = 1.96
#: How far away in the order of levels a hard negative may stand.
NEAR = 16
#: Candidates drawn for every pair asked for; most fail the count test in sparse logs.
_DRAWS = 8


def score_pairs(
    target: np.ndarray,
    level: np.ndarray,
    category: np.ndarray | None,
    rng: np.random.Generator,
    *,
    most: int,
    z: float = Z,
) -> np.ndarray:
    """Draws pairs of items at one cutoff, the riser first.

    Two counts a and b differ by more than chance if (a - b)^2 / (a + b) exceeds z^2, the normal form of
    the conditional test of two Poisson means (Przyborowski and Wilenski 1940). Two thirds of the pairs are
    hard negatives, neighbours in the order of their level: half of these among all items, half inside
    one category (where there are none, all are of the first kind); one third is drawn at large. Where a
    kind yields fewer than its third, the others fill up. O(n log n) time for n items, O(n + most) memory.

    Args:
        target: Outcome of each item, shape (items,), 0 or more.
        level: What was known to compare items by, the last window's count or the prior, shape (items,).
        category: Category of each item, shape (items,), any sortable values, "" or null for none; null if
            the log has none.
        rng: Source of the draw.
        most: Pairs wanted; fewer are returned where eight times as many candidates hold no more.
        z: Threshold of the test in standard deviations.

    Returns:
        Row numbers, shape (pairs, 2): winner, loser; no pair twice, no item with itself.
    """
    items = len(target)
    if items < 2 or most < 1:  # noqa: PLR2004 - a pair
        return np.empty((0, 2), dtype=np.int64)
    draws = max(1, _DRAWS * most // 3)
    near = _neighbours([np.argsort(level, kind="stable")], draws, rng)
    kin = _neighbours(_within(level, category), draws, rng)
    far = rng.integers(items, size=(draws, 2))
    kinds, third = [_decided(each, target, z) for each in (near, kin, far)], -(-most // 3)
    found = np.concatenate([each[:third] for each in kinds] + [each[third:] for each in kinds])
    return _each_once(found)[:most]


def _within(level: np.ndarray, category: np.ndarray | None) -> list[np.ndarray]:
    """Returns the row numbers of each category with two items or more, in the order of their level."""
    if category is None:
        return [np.argsort(level, kind="stable")]
    names = np.array(["" if each is None else str(each) for each in category])
    order = np.lexsort((level, names))
    cuts = np.flatnonzero(names[order][1:] != names[order][:-1]) + 1
    groups = [part for part in np.split(order, cuts) if len(part) > 1 and names[part[0]]]
    return groups or [np.argsort(level, kind="stable")]


def _neighbours(groups: list[np.ndarray], draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws pairs at most `NEAR` places apart inside ordered groups; shape (draws, 2)."""
    rows = np.concatenate(groups)
    ends = np.repeat(np.cumsum([len(part) for part in groups]), [len(part) for part in groups])
    first = rng.integers(len(rows), size=draws)
    second = first + rng.integers(1, NEAR + 1, size=draws)
    inside = second < ends[first]
    return np.column_stack([rows[first[inside]], rows[second[inside]]])


def _decided(pairs: np.ndarray, target: np.ndarray, z: float) -> np.ndarray:
    """Keeps the pairs that pass the count test, winner first, in the order drawn."""
    one, two = target[pairs[:, 0]], target[pairs[:, 1]]
    kept = (one - two) ** 2 > z * z * (one + two)
    return _each_once(np.where((one > two)[:, None], pairs, pairs[:, ::-1])[kept].astype(np.int64))


def _each_once(pairs: np.ndarray) -> np.ndarray:
    """Drops repeated pairs, keeping the first."""
    _, firsts = np.unique(pairs, axis=0, return_index=True)
    return pairs[np.sort(firsts)]
