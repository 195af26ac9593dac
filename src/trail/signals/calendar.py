"""The calendar of the period predicted: dates, holidays inside it, position in the year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import holidays

from trail.errors import ConfigError
from trail.events import Horizon

#: Days that move shops and screens but are no public holidays: (month, day) -> name.
_CUSTOMS = {
    (2, 14): "Valentine's Day",
    (10, 31): "Halloween",
    (12, 24): "Christmas Eve",
    (12, 31): "New Year's Eve",
}


@dataclass(frozen=True)
class Calendar:
    """What is known in advance about the period predicted.

    Attributes:
        start: First day.
        end: Last day, inside the period.
        holidays: Names with their dates, in order.
        next_holiday: Days from the cutoff to the next holiday, at most 365.
    """

    start: date
    end: date
    holidays: tuple[tuple[date, str], ...]
    next_holiday: int

    @property
    def numbers(self) -> dict[str, float]:
        """The calendar's own signals, equal for all items of a cutoff."""
        angle = 2 * math.pi * (self.start.timetuple().tm_yday - 1) / 365.25
        return {
            "year_sine": math.sin(angle),
            "year_cosine": math.cos(angle),
            "holidays_inside": float(len(self.holidays)),
            "days_to_holiday": float(self.next_holiday),
        }

    @property
    def words(self) -> str:
        """The calendar as the prompt says it."""
        inside = ", ".join(f"{name} {day:%d %B}" for day, name in self.holidays) or "no holiday"
        return f"{self.start:%A %d %B %Y} to {self.end:%d %B}; {inside}"


def calendar_of(cutoff: datetime, horizon: Horizon, country: str = "US") -> Calendar:
    """Looks the period up in the country's public holidays (package `holidays`) and common customs.

    Args:
        cutoff: First instant predicted.
        horizon: Length of the period.
        country: ISO code; empty for customs only.

    Raises:
        ConfigError: If the country is not one the package knows.
    """
    start = cutoff.date()
    end = (cutoff + horizon.span - timedelta(microseconds=1)).date()
    years = range(start.year, start.year + 3)
    try:
        public = dict(holidays.country_holidays(country, years=years, language="en_US")) if country else {}
    except NotImplementedError as error:
        raise ConfigError(
            f"the country {country!r}",
            expected="an ISO code such as US, GB or DE",
            where="trail.toml, country",
        ) from error
    days = {date(year, *day): name for year in years for day, name in _CUSTOMS.items()} | public
    coming = sorted((day, name) for day, name in days.items() if day >= start)
    inside = tuple((day, name) for day, name in coming if day <= end)
    return Calendar(start, end, inside, min(365, (coming[0][0] - start).days))
