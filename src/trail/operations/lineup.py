"""Which forecasters a backtest tries beside the model, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from trail.baselines import BASELINES, LINE_UP, Forecaster
from trail.errors import ConfigError

#: Stand for every forecaster and for none.
ALL, NONE = "all", "none"


def forecasters(names: Sequence[str] = ()) -> list[Forecaster]:
    """Returns unfitted forecasters in the order of the line-up; the baselines where nothing is named.

    Args:
        names: Names, several of them in one text apart by commas, or `all`, or `none`.

    Raises:
        ConfigError: If a name is unknown, or `none` stands beside others.
    """
    wanted = [each.strip() for text in names for each in text.split(",") if each.strip()]
    if not wanted:
        return [make() for make in BASELINES.values()]
    if NONE in wanted:
        if len(wanted) > 1:
            raise ConfigError(f"{', '.join(wanted)}", expected=f"{NONE} alone", where="--with")
        return []
    for name in wanted:
        if name != ALL and name not in LINE_UP:
            close = get_close_matches(name, LINE_UP, n=1)
            expected = f"{close[0]!r}?" if close else f"{ALL}, {NONE}, or some of {', '.join(LINE_UP)}"
            raise ConfigError(f"the forecaster {name!r}", expected=expected, where="--with")
    return [make() for name, make in LINE_UP.items() if ALL in wanted or name in wanted]
