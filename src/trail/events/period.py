"""Time as the product sees it: a horizon, the windows before a cutoff, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis.expr.types as ir

from trail.errors import ConfigError

MICROSECOND = timedelta(microseconds=1)
_NOUNS = {1: "day", 7: "week", 14: "fortnight", 30: "month", 91: "quarter"}
#: A year that keeps the day of the week, so that "the same week last year" compares like with like.
YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Horizon:
    """The span predicted, which is also the length of every window of history.

    Attributes:
        days: Length in days, 1 to 366.
    """

    days: int = 7

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 366:  # noqa: PLR2004 - a year
            raise ConfigError(f"a horizon of {self.days} days", expected="1 to 366 days", where="horizon")

    @property
    def span(self) -> timedelta:
        """The length as a time span."""
        return timedelta(days=self.days)

    @property
    def micros(self) -> int:
        """The length in microseconds."""
        return self.span // MICROSECOND

    @property
    def noun(self) -> str:
        """The English word for one window: day, week, fortnight, month, quarter, else period."""
        return _NOUNS.get(self.days, "period")

    def window(self, cutoff: datetime, ago: int) -> tuple[datetime, datetime]:
        """Returns the half-open window `ago` windows back; 1 is the last one, 0 the one predicted."""
        return cutoff - ago * self.span, cutoff - (ago - 1) * self.span

    def target_period(self, cutoff: datetime) -> tuple[datetime, datetime]:
        """Returns the half-open period predicted, which starts at the cutoff."""
        return self.window(cutoff, 0)


def to_micros(moment: datetime) -> int:
    """Returns microseconds since 1970 in UTC.

    Raises:
        ConfigError: If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ConfigError(f"the local time {moment}", expected="a time in UTC", where="cutoff")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND


def epoch_micros(timestamp: ir.TimestampValue) -> ir.IntegerValue:
    """Returns whole microseconds since 1970 as an expression every engine understands."""
    # some engines' epoch seconds carry a fraction, which the microseconds would add a second time
    naive = timestamp.cast("timestamp")
    return naive.truncate("s").epoch_seconds().cast("int64") * 1_000_000 + naive.microsecond()


def parse_moment(text: str) -> datetime:
    """Reads an ISO date or time as UTC: `2011-12-09`, `2011-12-09T06:00`, `2011-12-09T06:00:00Z`.

    Raises:
        ConfigError: If the text is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"the date {text!r}", expected="an ISO date such as 2011-12-09") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
