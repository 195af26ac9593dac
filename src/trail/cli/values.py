"""Values that stand as text on the command line."""

from __future__ import annotations

from datetime import datetime


def moment(text: str) -> datetime | None:
    """Reads a date or time given on the command line as UTC; null for none."""
    from trail.events import parse_moment

    return parse_moment(text) if text else None


def whole_numbers(text: str, option: str) -> tuple[int, ...]:
    """Reads whole numbers apart by commas; none of an empty text.

    Raises:
        ConfigError: If a part is none.
    """
    from trail.errors import ConfigError

    try:
        return tuple(int(each) for each in text.split(",")) if text.strip() else ()
    except ValueError as error:
        raise ConfigError(
            f"{text!r}", expected="whole numbers apart by commas, such as 0,1,2", where=option
        ) from error
