"""Edits of one item's own events, each of which takes one group of signals towards its neutral values.

Neutral is what occlusion takes for it (`neutral_values`): the intervention asks the log the question that
occlusion asked the card. Every edit leaves the other groups where they are as far as the log can: what is
tied together in the log (a count and its rank, a burst and the level of the last window) moves together,
and `shifts` measures how far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from trail.evaluate.faithfulness.own import LEAST, Own
from trail.events import YEAR, to_micros
from trail.signals import LATEST, Group

#: Windows that are made level, as many as the slope sees; of a window, the part that `late` sees, evenly spread.
_LEVELLED, _LATE = 6, 3 / 7
#: Windows whose prices the signals read.
_PRICED = 5


@dataclass(frozen=True)
class Aim:
    """What edits aim at.

    Attributes:
        neutral: Neutral value of each signal that is known of any card.
        seed: Seed of what is drawn.
    """

    neutral: Mapping[str, float]
    seed: int = 0


@dataclass(frozen=True)
class Edit:
    """One kind of edit.

    Attributes:
        group: Whose signals it takes towards neutral.
        make: Returns the edited events; null where the item lacks what the edit needs.
        needs: What it lacks then, in words.
        private: Whether no other item's card can see it, so that many items are edited in one log.
    """

    group: Group
    make: Callable[[Own, Aim], Own | None]
    needs: str
    private: bool


def level_out(own: Own, aim: Aim) -> Own | None:
    """Makes the last six windows level, the last one evenly; total, users and age stay, older windows pay.

    The windows are those since the item's first event. They become the mean of them that weighs a window twice as
    much as the one before it, so that the level stays; what this adds to or takes from their sum, the card's older
    windows pay. A window without an event gets copies of the nearest one that has some.
    """
    del aim
    counts, ago = own.counts, own.ago
    windows = min(_LEVELLED, len(counts), int(ago.max(initial=0)))
    recent = counts[:windows]
    if windows < 2 or recent.sum() <= 0:  # noqa: PLR2004 - a change needs two
        return None
    trust = 0.5 ** np.arange(windows)
    wanted = windows * float(recent @ trust / trust.sum())
    older, paid = own.paying((ago > windows) & (ago <= len(counts)), float(recent.sum()) - wanted)
    each = (float(recent.sum()) - paid) / windows
    factor, copies = older, []
    for window in range(1, windows + 1):
        inside = ago == window
        if recent[window - 1] > 0:
            factor = factor * _filled(own, inside, each, evenly=window == 1)
        else:
            donor = min(np.flatnonzero(recent > 0) + 1, key=lambda at: abs(int(at) - window))
            shift = (int(donor) - window) * own.context.horizon.micros
            copies.append(own.copied((ago == donor) & (own.weight > 0), shift, each))
    return own.weighted(factor).joined(copies)


def _filled(own: Own, inside: np.ndarray, total: float, *, evenly: bool) -> np.ndarray:
    """Returns the factors that give a window its sum; evenly, also to its early and late part."""
    weight = own.weight
    parts = [(inside, total)]
    if evenly and own.context.has_late:
        late, early = inside & own.late, inside & ~own.late
        if weight[late].sum() > 0 and weight[early].sum() > 0:
            parts = [(late, total * _LATE), (early, total * (1 - _LATE))]
    factor = np.ones(len(own))
    for part, wanted in parts:
        factor[part] = wanted / weight[part].sum()
    return factor


def thin(own: Own, aim: Aim) -> Own | None:
    """Multiplies the events of the last two windows by one factor, so that the mean of these windows is a neutral one.

    Shares inside the windows, users, prices and age stay; below, a hundredth is left.
    """
    return _thinned(own, aim, 1, LATEST)


def thin_past(own: Own, aim: Aim) -> Own | None:
    """Does the same to the card's windows before the last two, which stay."""
    return _thinned(own, aim, LATEST + 1, len(own.counts))


def _thinned(own: Own, aim: Aim, first: int, last: int) -> Own | None:
    counts = own.counts[first - 1 : last]
    if not len(counts) or counts.sum() <= 0:
        return None
    wanted = float(np.mean([aim.neutral[f"count_{first + at}"] for at in range(len(counts))]))
    factor = max(wanted / float(counts.mean()), LEAST)
    return own.weighted(np.where((own.ago >= first) & (own.ago <= last), factor, 1.0))


def flatten_last_year(own: Own, aim: Aim) -> Own | None:
    """Gives last year's period and the window before it the neutral count; events older than the card pay.

    Where one of the two has no event, and the item was there, it gets copies of the other's.
    """
    season, weight = own.season, own.weight
    sums = {part: float(weight[season == part].sum()) for part in (1, 2)}
    if not own.context.has_last_year or not sum(sums.values()):
        return None
    wanted = max(aim.neutral["last_year"], LEAST * max(sums.values()))
    # a window from before the first event stays empty, for the item keeps its age
    begun = own.micros.min() < to_micros(own.context.cutoff - YEAR)
    filled = {part: sums[part] > 0 or begun for part in sums}
    change = sum(wanted - sums[part] for part in sums if filled[part])
    factor, _ = own.paying((season == 0) & (own.ago > len(own.counts)), -change)
    copies = []
    for part, total in sums.items():
        if total > 0:
            factor = np.where(season == part, wanted / total, factor)
        elif filled[part]:
            donor = 3 - part
            shift = (donor - part) * own.context.horizon.micros
            copies.append(own.copied((season == donor) & (weight > 0), shift, wanted))
    return own.weighted(factor).joined(copies)


def reassign_users(own: Own, aim: Aim) -> Own | None:
    """Gives the events of the last two windows to as many users as is neutral, the heaviest with the neutral share.

    Users are the item's own ones as far as they go, then invented ones; times and weights stay.
    """
    users = np.array(own.table["user_id"].to_pylist(), dtype=object)
    named = np.array([each is not None for each in users], dtype=bool)
    if not own.context.has_users or not (named & (own.ago == 1)).any():
        return None
    rng = np.random.default_rng(aim.seed)
    for window in (1, 2):
        rows = np.flatnonzero(named & (own.ago == window))
        if len(rows):
            total = float(own.weight[own.ago == window].sum())
            users[rows] = _shared(own.weight[rows], users[rows], total, aim, rng)
    return own.with_column("user_id", pa.array(users, pa.string()))


def _shared(
    weight: np.ndarray, users: np.ndarray, total: float, aim: Aim, rng: np.random.Generator
) -> np.ndarray:
    """Returns who did each event of a window, shape (events,)."""
    many = int(np.clip(round(aim.neutral["users"]), 1, len(weight)))
    known = rng.permutation(np.array(sorted(set(users)), dtype=object))[:many].tolist()
    people = [*known, *(f"someone else {at}" for at in range(many - len(known)))]
    order = np.lexsort((rng.permutation(len(weight)), weight))
    share = aim.neutral.get("heaviest_share", 0.0) * total
    found, turn, heaviest = np.empty(len(weight), dtype=object), 0, 0.0
    for place, row in enumerate(order):
        # everybody has an event first; then the heaviest up to their share, and the others in turn
        if place < many:
            who = place
        elif many == 1 or heaviest + weight[row] <= share:
            who = 0
        else:
            turn = turn % (many - 1) + 1
            who = turn
        heaviest += weight[row] * (who == 0)
        found[row] = people[who]
    return found


def level_prices(own: Own, aim: Aim) -> Own | None:
    """Gives every priced event of the last five windows the neutral price; all else stays."""
    price = np.asarray(own.table["price"].to_numpy(zero_copy_only=False), dtype=np.float64)
    recent = np.isfinite(price) & (own.ago <= _PRICED)
    if not own.context.has_prices or not recent.any() or "price_paid" not in aim.neutral:
        return None
    found = np.where(recent, aim.neutral["price_paid"], price)
    return own.with_column("price", pa.array(found, pa.float64(), mask=~np.isfinite(found)))


#: Edits of an item's own events. Other items' cards see its counts of the last two windows and nothing else.
OWN_EDITS: tuple[Edit, ...] = (
    Edit(Group.LEVEL, thin, "an event in the last two windows", private=False),
    Edit(Group.PAST, thin_past, "an event in the windows of the card before the last two", private=True),
    Edit(Group.MOMENTUM, level_out, "two windows since its first event", private=False),
    Edit(Group.SEASON, flatten_last_year, "an event in the same weeks last year", private=True),
    Edit(Group.BREADTH, reassign_users, "an event of a known user in the last window", private=True),
    Edit(Group.PRICE, level_prices, "a priced event in the last five windows", private=True),
)
#: Groups that cannot be intervened on, and why.
UNTESTABLE: Mapping[Group, str] = {
    Group.STANDING: "rank and share follow from its count and everybody else's: no edit moves them alone",
    Group.AGE: "when it was first and last seen, or released, is what all other signals hang on",
}
