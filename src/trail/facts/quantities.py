"""The quantities that a text may name: signals, the outlook, and what follows from them by arithmetic."""

from __future__ import annotations

from collections.abc import Callable

from trail.facts.claims import Outlook
from trail.signals import Card

#: (quantity, its base) -> (signal of the relative change, signal of the difference); empty where none exists.
CHANGES: dict[tuple[str, str], tuple[str, str]] = {
    ("count_1", "count_2"): ("growth", "change"),
    ("users", "users_before"): ("", "users_change"),
    ("rank_before", "rank"): ("", "rank_change"),
    ("category_count", "category_before"): ("category_growth", ""),
    ("catalogue_count", "catalogue_before"): ("catalogue_growth", ""),
    ("price_paid", "price_before"): ("price_change", ""),
    ("last_year", "season_before"): ("last_year_change", ""),
}
#: Signal of a change -> the quantities it compares.
PARTS: dict[str, tuple[str, str]] = {
    signal: pair for pair, both in CHANGES.items() for signal in both if signal
}
#: Signals of a relative change; the others are differences.
RELATIVE = frozenset(relative for relative, _ in CHANGES.values() if relative)
#: Share of outcomes between the tenth and the ninetieth percentile.
COVERAGE = 0.8
_OUTLOOK = {"expected", "q10", "q90", "p_top", "k"}


def value_of(name: str, card: Card, outlook: Outlook | None) -> float | None:
    """Returns the value of a quantity, null where the card or the outlook does not know it.

    Names: every signal; `expected`, `q10`, `q90`, `p_top`, `k`, `forecast_rank`, `coverage` of the outlook;
    `count_K`, `sum_N`, `mean_N`, `peak_N`, `low_N` of the windows, `most_before_N` and `least_before_N` of the N windows
    before the last; `users_before`, `rank_before`, `category_before`,
    `catalogue_count`, `per_user` (events of the last window a user), `catalogue_before`, `price_before`, `season_before`; `windows` (covered, at most 12).
    """
    if name in card.values:
        value = card.values[name]
        return None if value is None else float(value)
    if name in _OUTLOOK:
        return None if outlook is None else float(getattr(outlook, name))
    if name == "forecast_rank":
        return None if outlook is None else float(outlook.rank)
    if name in _DERIVED:
        return _DERIVED[name](card)
    return _over_windows(name, card)


def _over_windows(name: str, card: Card) -> float | None:
    kind, _, number = name.rpartition("_")
    if kind not in {"sum", "mean", "peak", "low", "most_before", "least_before"} or not number.isdigit():
        return None
    counts, n = card.counts, int(number)
    if kind.endswith("before"):
        before = counts[1 : n + 1]
        return (max if kind.startswith("most") else min)(before) if 0 < len(before) == n else None
    if not counts or n > max(12, len(counts)) or n < 1:
        return None
    if kind in {"peak", "low"}:
        return (max if kind == "peak" else min)(counts[:n])
    if kind == "mean":
        return sum(counts[:n]) / len(counts[:n])
    return sum(counts[:n]) if len(counts) >= n else None


def _quotient(top: str, change: str) -> Callable[[Card], float | None]:
    """Undoes a relative change: the value before is the value now over (1 + change)."""

    def before(card: Card) -> float | None:
        now, growth = value_of(top, card, None), value_of(change, card, None)
        return None if now is None or growth is None or growth <= -1 else now / (1 + growth)

    return before


def _less(now: str, change: str, sign: int) -> Callable[[Card], float | None]:
    def before(card: Card) -> float | None:
        value, moved = value_of(now, card, None), value_of(change, card, None)
        return None if value is None or moved is None else value + sign * moved

    return before


def _per_user(card: Card) -> float | None:
    count, users = card.values.get("count_1"), card.values.get("users")
    return count / users if count is not None and users else None


def _catalogue(card: Card) -> float | None:
    count, share = card.values.get("count_1"), card.values.get("share")
    return count / share if count and share else None


_DERIVED: dict[str, Callable[[Card], float | None]] = {
    "coverage": lambda _: COVERAGE,
    "windows": lambda card: float(len(card.counts)),
    "peak": lambda card: max(card.counts, default=None),
    "per_user": _per_user,
    "users_before": _less("users", "users_change", -1),
    "rank_before": _less("rank", "rank_change", 1),
    "category_before": _quotient("category_count", "category_growth"),
    "catalogue_count": _catalogue,
    "catalogue_before": _quotient("catalogue_count", "catalogue_growth"),
    "price_before": _quotient("price_paid", "price_change"),
    "season_before": _quotient("last_year", "last_year_change"),
}
