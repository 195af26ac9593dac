"""Reasons that were put to the test at several origins, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from trail.evaluate.champion import finite
from trail.evaluate.faithfulness import TESTED, Faithfulness, Statements, scores
from trail.evaluate.faithfulness.rows import shares
from trail.facts import Driver


def joined(found: Sequence[Faithfulness], *, seed: int = 0) -> dict[str, Any]:
    """Returns scores, shares and areas over the items of all origins, null where a figure is not finite.

    Scores and shares are computed anew over all rows: the liar states what is true of any other item, and an item is
    a case at every origin. An area is the mean of those of the origins, by their items.

    Args:
        found: What was measured at each origin.
        seed: Seed of the liar.
    """
    drivers, moves = zip(*map(_said_and_done, found), strict=True)
    scored = scores(
        Statements.of([each for some in drivers for each in some]), np.concatenate(moves), seed=seed
    )
    items = [each.items for each in found]
    areas = {name: np.average([each.areas[name] for each in found], weights=items) for name in found[0].areas}
    return finite(
        {
            "reasons": [asdict(each) for each in scored],
            "shares": [asdict(each) for each in shares([text for each in found for text in each.texts])],
            "areas": {name: float(value) for name, value in areas.items()},
            "reasons_origins": len(found),
        }
    )


def _said_and_done(found: Faithfulness) -> tuple[list[list[Driver]], np.ndarray]:
    """Returns the drivers of each item, strongest first, and the moves of its groups, shape (items, groups)."""
    items = list(dict.fromkeys(each.item_id for each in found.moves))
    rows, columns = ({each: at for at, each in enumerate(some)} for some in (items, TESTED))
    drivers, moves = [list[Driver]() for _ in items], np.full((len(items), len(TESTED)), np.nan)
    for each in sorted(found.moves, key=lambda move: move.place):
        row = rows[each.item_id]
        if each.place:
            drivers[row].append(Driver(each.signal, each.effect))
        if each.group in columns:
            moves[row, columns[each.group]] = each.move
    return drivers, moves
