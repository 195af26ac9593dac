"""Rolling origins: on which cutoffs choices are made, and on which they are tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from trail.errors import ConfigError, DataError
from trail.events import EventLog, Horizon


@dataclass(frozen=True)
class Origins:
    """Cutoffs one horizon apart, oldest first.

    Attributes:
        history: Cutoffs before the first validation origin, to learn from only.
        validation: Origins on which every choice is made; their periods end by the first test origin.
        test: Origins that are reported.
    """

    history: tuple[datetime, ...]
    validation: tuple[datetime, ...]
    test: tuple[datetime, ...]

    @property
    def all(self) -> tuple[datetime, ...]:
        """Every cutoff whose cards and target a backtest needs, oldest first."""
        return (*self.history, *self.validation, *self.test)

    def split_of(self, cutoff: datetime) -> str:
        """Returns `history`, `validation` or `test`."""
        return "test" if cutoff in self.test else "validation" if cutoff in self.validation else "history"


def end_of(log: EventLog) -> datetime:
    """Returns the end of the last period that the log covers whole: midnight before its last event.

    A log that counts by the day or week covers its last day or week; one whose last days are hardly there yet, what is
    before them.
    """
    if log.grid:
        return log.last_cutoff()
    return min(log.end.replace(hour=0, minute=0, second=0, microsecond=0), log.last_cutoff())


def origins(
    log: EventLog, horizon: Horizon, *, test: int, validation: int, last: datetime | None = None
) -> Origins:
    """Returns the latest test origins whose whole period lies inside the log, validation before them, and history.

    Args:
        log: Events.
        horizon: Span predicted, and the step between origins.
        test: Number of test origins, 1 or more.
        validation: Number of validation origins before them, 0 or more.
        last: End of the last test period, where the log's own last days are thin; the log's end by default.

    Raises:
        ConfigError: If no test origin is asked for.
        DataError: If the log does not reach `last` or is too short, or if the origins miss the log's grid.
    """
    if test < 1 or validation < 0:
        raise ConfigError(f"{test} test and {validation} validation origins", expected="at least 1 and 0")
    end = last or end_of(log)
    if end > log.last_cutoff():
        raise DataError(
            f"a last period that ends {end:%Y-%m-%d}",
            expected=f"an end by {log.last_cutoff():%Y-%m-%d}, as far as the log's events have arrived",
        )
    cutoffs = _back_from(end - horizon.span, log.start + horizon.span, horizon.span)
    for cutoff in (*cutoffs, end):
        log.check_cutoff(cutoff)
    if len(cutoffs) <= test + validation:
        raise DataError(
            f"{len(cutoffs)} cutoffs between {log.start:%Y-%m-%d} and {end:%Y-%m-%d}",
            expected=f"more than {test + validation}, {test} to test and {validation} to validate on",
            fix="ask for fewer origins, or a shorter horizon",
        )
    first = len(cutoffs) - test
    return Origins(
        tuple(cutoffs[: first - validation]),
        tuple(cutoffs[first - validation : first]),
        tuple(cutoffs[first:]),
    )


def _back_from(newest: datetime, oldest: datetime, step: timedelta) -> list[datetime]:
    steps = (newest - oldest) // step
    return [newest - step * back for back in range(steps, -1, -1)]
