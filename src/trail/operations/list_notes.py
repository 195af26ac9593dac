"""What must be said of users' lists: who was measured, and differences between methods chosen on validation."""

from __future__ import annotations

from collections.abc import Sequence

from trail.baselines import LINE_UP
from trail.baselines.recommenders import RECOMMENDERS
from trail.evaluate.list_backtest import MOST_USERS
from trail.evaluate.list_rows import COMPARED, ListRow, list_table, paired, sentence

#: Recommenders that give everybody the same list.
_SHARED = tuple(name for name, options in RECOMMENDERS.items() if not options[0].personal)


def about(rows: Sequence[ListRow]) -> tuple[str, ...]:
    """Returns who was measured and what counted."""
    by_origin = {row.origin: row for row in rows if row.split == "test"}.values()
    if not by_origin:
        return ("No user with a history touched anything that counts in a test period.",)
    users, newcomers, unmeasured = (
        sum(getattr(row, name) for row in by_origin) for name in ("users", "newcomers", "unmeasured")
    )
    counted = "any item" if rows[0].relevant == "all" else "only items new to the user"
    asked = (
        f"{users:,} users over {len(by_origin)} test origins; left out: {newcomers:,} without a history and "
        f"{unmeasured:,} who touched nothing that counts."
    )
    return (
        asked,
        f"Relevant is {counted}, by the share of repeats on validation; items that are no candidate count as missed.",
        *_drawn(rows),
    )


def _drawn(rows: Sequence[ListRow]) -> tuple[str, ...]:
    """Returns at how many validation origins users were drawn, where they were."""
    users = {row.origin: row.users for row in rows if row.split == "validation"}.values()
    full = sum(each == MOST_USERS for each in users)
    words = (
        f"Settings and weights are chosen on at most {MOST_USERS:,} users of an origin, drawn by the seed: "
        f"so many at {full} of {len(users)} validation origins."
    )
    return (words,) if full else ()


def against(rows: Sequence[ListRow], late: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns differences on test, of methods chosen on validation.

    The best blend is set beside the best personal recommender alone and the best list for all. Late forecasters, which
    their own validation flatters, are never chosen among the others: the list of each is set beside every other list
    for all, and their best blend beside the best recommender alone, personal or not, and the best blend without them.

    Args:
        rows: Of both splits.
        late: Names of late forecasters.
    """
    chosen = [line.method for line in list_table(rows, "validation")]
    theirs = [name for name in chosen if name.split(" + ")[-1] in late]
    others = [name for name in chosen if name not in theirs]
    blends, blended = ([name for name in each if " + " in name] for each in (others, theirs))
    shared = [name for name in others if name in LINE_UP or name in _SHARED]
    alone = [name for name in others if name not in (*blends, *LINE_UP)]
    personal = [name for name in alone if name not in _SHARED]
    pairs = [(a, b) for a in blends[:1] for b in (*personal[:1], *shared[:1])]
    pairs += [(a, b) for a in late for b in shared]
    pairs += [(a, b) for a in blended[:1] for b in (*alone[:1], *blends[:1])]
    tested = {row.method for row in rows if row.split == "test"}
    return tuple(
        sentence(paired(rows, a, b, metric)) for a, b in pairs for metric in COMPARED if {a, b} <= tested
    )
