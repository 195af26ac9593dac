"""Groups of items that are measured apart: for whom a forecast is good, and for whom it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from trail.baselines import active
from trail.baselines.scope import NEVER, NEW_WINDOWS, OLD, state
from trail.errors import ConfigError
from trail.pairs.scores import Z
from trail.signals import Cards, Labelled

#: Categories that are measured by name; the others together are `category:other`.
CATEGORIES = 5
#: Borders of the groups of age, in windows since the first event.
AGES = (NEW_WINDOWS, 4, 12)
#: Families whose members the outcome decides: they say where errors lie, and flatter a ranking.
BY_OUTCOME: Mapping[str, str] = {
    "new": (
        "Items whose first event lies inside the period or less than two windows before it. A catalogue that "
        "lists only items that sold at some time flatters every method on them."
    ),
    "risers": (
        "Items whose count rose above the last window's by more than chance: known only afterwards, so this "
        "says how well rises were sized, not whether they could be told from other items."
    ),
}
_ORDER = (
    *("active", "all", "new", "unsold", "risers"),
    *("level:low", "level:middle", "level:high"),
    *("age:new", "age:young", "age:middle", "age:old"),
)
_Masks = dict[str, np.ndarray]
_Scope = Callable[[Labelled, np.ndarray, Sequence[str]], _Masks]


def scopes(example: Labelled, families: Sequence[str], categories: Sequence[str] = ()) -> _Masks:
    """Returns name -> which items belong, shape (items,) of bool; empty groups inside `active` are left out.

    Args:
        example: The whole catalogue's cards with their targets.
        families: Names in `FAMILIES`.
        categories: Categories that are measured by name.
    """
    lively = active(example.cards)
    found: _Masks = {}
    for family in families:
        found |= FAMILIES[family](example, lively, categories)
    return {name: rows for name, rows in found.items() if name in ("active", "all") or rows.any()}


def ordered(names: Iterable[str]) -> list[str]:
    """Returns groups in the order of the tables: categories last and by name, the other ones at the end."""
    found = set(names)
    rest = sorted(found - set(_ORDER), key=lambda name: (name == "category:other", name))
    return [name for name in _ORDER if name in found] + rest


def check_families(names: Sequence[str]) -> None:
    """Refuses a family that does not exist.

    Raises:
        ConfigError: If there is one.
    """
    unknown = [name for name in names if name not in FAMILIES]
    if unknown or not names:
        raise ConfigError(f"the scopes {list(names)}", expected=f"some of {', '.join(FAMILIES)}")


def top_categories(cards: Cards) -> tuple[str, ...]:
    """Returns the categories with the most events of active items before the cutoff, by name if equal.

    Empty where fewer than two are known.
    """
    lively = active(cards)
    total = np.nan_to_num(cards.column("total"))
    sums: dict[str, float] = {}
    for name, count, kept in zip(_categories(cards), total, lively, strict=True):
        if kept and name not in (None, "other"):  # that name is taken
            sums[name] = sums.get(name, 0.0) + float(count)
    ordered = sorted(sums, key=lambda name: (-sums[name], name))
    return tuple(ordered[:CATEGORIES]) if len(ordered) > 1 else ()


def rose(target: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Returns whether each count is above the last window's by more than chance, shape (items,) of bool.

    The count test of `trail.pairs.score_pairs`: (target - last)^2 > 1.96^2 (target + last).
    """
    return np.asarray((target > last) & ((target - last) ** 2 > Z * Z * (target + last)))


def _active(_: Labelled, lively: np.ndarray, __: Sequence[str]) -> _Masks:
    return {"active": lively}


def _all(_: Labelled, lively: np.ndarray, __: Sequence[str]) -> _Masks:
    return {"all": np.ones(len(lively), dtype=bool)}


def _new(example: Labelled, _: np.ndarray, __: Sequence[str]) -> _Masks:
    known = state(example.cards)
    return {"new": (known != OLD) & ((known != NEVER) | (example.target > 0))}


def _unsold(example: Labelled, _: np.ndarray, __: Sequence[str]) -> _Masks:
    return {"unsold": state(example.cards) == NEVER}


def _risers(example: Labelled, _: np.ndarray, __: Sequence[str]) -> _Masks:
    return {"risers": rose(example.target, np.nan_to_num(example.cards.column("count_1")))}


def _level(example: Labelled, lively: np.ndarray, _: Sequence[str]) -> _Masks:
    level = np.nan_to_num(example.cards.column("level_three"))
    low, high = np.quantile(level[lively], [1 / 3, 2 / 3]) if lively.any() else (0.0, 0.0)
    return {
        "level:low": lively & (level <= low),
        "level:middle": lively & (level > low) & (level <= high),
        "level:high": lively & (level > high),
    }


def _age(example: Labelled, lively: np.ndarray, _: Sequence[str]) -> _Masks:
    windows = example.cards.column("age") / example.cards.horizon.days
    names = ("age:new", "age:young", "age:middle", "age:old")
    group = np.digitize(np.nan_to_num(windows), AGES)
    return {name: lively & (group == at) for at, name in enumerate(names)}


def _category(example: Labelled, lively: np.ndarray, categories: Sequence[str]) -> _Masks:
    if not categories:
        return {}
    names = _categories(example.cards)
    found = {f"category:{name}": lively & (names == name) for name in categories}
    return found | {"category:other": lively & ~np.logical_or.reduce(list(found.values()))}


def _categories(cards: Cards) -> np.ndarray:
    return np.array(cards.table["category"].to_pylist(), dtype=object)


#: Family -> its groups. Terciles of level and all of age and category are of active items, by what was
#: known at the cutoff. The unsold never had an event.
FAMILIES: Mapping[str, _Scope] = {
    "active": _active,
    "all": _all,
    "new": _new,
    "unsold": _unsold,
    "risers": _risers,
    "level": _level,
    "age": _age,
    "category": _category,
}
