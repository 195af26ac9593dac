"""Values that stand as text on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trail.facts import Style


def moment(text: str, option: str) -> datetime | None:
    """Reads a date or time given on the command line as UTC; null for none.

    Raises:
        ConfigError: If it is neither.
    """
    from trail.errors import ConfigError
    from trail.events import parse_moment

    try:
        return parse_moment(text) if text else None
    except ConfigError as error:
        raise ConfigError(error.found, expected=error.expected, where=option) from error


def maker(by: str, model: str, *, no_model: bool = False) -> str:
    """Returns who is asked for the numbers: by default the champion, a model that is named, or the best without one.

    Raises:
        ConfigError: If `--no-model` stands beside a model, or beside somebody else than the best without one.
    """
    from trail.errors import ConfigError

    if no_model and (model or by not in ("", "best")):
        raise ConfigError(
            f"--no-model beside {f'--model {model}' if model else f'--by {by}'}",
            expected="one of the two: without the model the best baseline forecasts, as by --by best",
            fix="leave one out; --plain beside --by keeps texts plain",
        )
    return by or ("best" if no_model else "trail" if model else "champion")


def told(assignments: Sequence[str]) -> dict[str, str]:
    """Reads `name=value` options.

    Raises:
        ConfigError: If one has no value or no name, or a name is given twice.
    """
    from trail.errors import ConfigError

    found: dict[str, str] = {}
    for each in assignments:
        name, _, value = each.partition("=")
        if not name or not value or name in found:
            raise ConfigError(
                f"--column {each}",
                expected="each column once, as item_id=sku",
                fix="leave out or complete it",
            )
        found[name] = value
    return found


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


def style_of(length: str, audience: str, language: str, *, query: str = "") -> Style | None:
    """Returns the form asked for on the command line; null where none is: the text as it is kept.

    Raises:
        ConfigError: If a word names no length, audience or language, an audience is asked for beside another language, or
            a form beside the query of a signal, which is no text.
    """
    from trail.errors import ConfigError
    from trail.facts import Audience, Language, Length, Style

    if not (length or audience or language):
        return None
    for option, word, kind in (
        ("--length", length, Length),
        ("--for", audience, Audience),
        ("--language", language, Language),
    ):
        if word and query:
            raise ConfigError(f"{option} beside --query", expected="one of the two", fix="leave one out")
        if word and word not in set(kind):
            raise ConfigError(f"{word!r}", expected=", ".join(kind), where=option)
    if audience and language not in ("", Language.ENGLISH):
        raise ConfigError(
            f"--for {audience} beside --language {language}",
            expected="one of the two: other languages have one wording for all readers",
            fix="leave one out",
        )
    return Style(
        Length(length or Length.NORMAL),
        Audience(audience or Audience.MERCHANDISER),
        Language(language or Language.ENGLISH),
    )


def needs_service() -> None:
    """Refuses to go on where the packages of the HTTP service are not installed.

    Raises:
        ConfigError: If one is not.
    """
    from importlib.util import find_spec

    from trail.errors import ConfigError

    for name in ("fastapi", "uvicorn", "limits", "prometheus_client"):
        if find_spec(name) is None:
            raise ConfigError(
                f"the package {name} is not installed",
                expected="the extra of the HTTP service",
                fix="pip install 'trail-forecast[service]'",
            )
