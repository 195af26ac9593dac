"""What a project may say: sections composed from the settings that sit beside their components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from trail.engine import value_hash
from trail.errors import ConfigError
from trail.events import Horizon, IngestRules, Source, parse_moment
from trail.model.settings import ModelSettings
from trail.project.section import plain, read_section
from trail.project.webhooks import Webhook
from trail.signals import calendar_of


@dataclass(frozen=True)
class BacktestSettings:
    """How forecasts are tried on the past.

    Attributes:
        origins: Test origins: cutoffs one horizon apart; the period of the last one ends with the log.
        validation: Origins before them on which baselines are measured too, apart from the test.
        until: Day on which the period of the last test origin ends, where the log's last days are thin;
            empty for the last midnight inside the log.
    """

    origins: int = 12
    validation: int = 4
    until: str = ""

    @property
    def end(self) -> datetime | None:
        """The end of the last test period; null for the log's own."""
        return parse_moment(self.until) if self.until else None

    def __post_init__(self) -> None:
        _ = self.end
        if self.origins < 1 or self.validation < 0:
            raise ConfigError(
                f"{self.origins} origins and {self.validation} for validation",
                expected="at least 1 and 0",
                where="[backtest]",
            )


@dataclass(frozen=True)
class ForecastSettings:
    """What a forecast shows.

    Attributes:
        top: The K of the chance of entering the top K; a backtest measures it at this K too.
        explained: Items, from the first rank on, that get an explanation.
        seed: Seed of the draws behind the chances and of the writer.
    """

    top: int = 50
    explained: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.top < 1 or self.explained < 0:
            raise ConfigError(
                f"top = {self.top} and explained = {self.explained}",
                expected="at least 1 and 0",
                where="[forecast]",
            )


@dataclass(frozen=True)
class RunSettings:
    """What `trail run` does every night.

    Attributes:
        keep: Snapshots kept, newest first; older ones are removed once they are scored, never the published one. 0
            keeps all.
        retrain_days: Days of the log after which the model is trained again; 0 trains only where there is none.
        moves: Whether it is worked out what moved each item since the snapshot before, once the new one is published; that
            forecasts again, about once, where events came late, and where another forecaster or model made the new one.
        export: PostgreSQL into which the published snapshot is pushed, postgresql://user@host/database; its password by
            PGPASSWORD or a password file, never here. Empty for none.
        export_as: Name of the project in a database, one of its own for each project exported there; empty for the folder's.
    """

    keep: int = 60
    retrain_days: int = 28
    moves: bool = True
    export: str = ""
    export_as: str = ""

    def __post_init__(self) -> None:
        if self.export and not _is_database(self.export):
            raise ConfigError(  # without the address, which may hold a password
                "an export that is no address, or holds a password",
                expected="postgresql://user@host/database; its password by PGPASSWORD or a password file",
                where="[run]",
            )
        name = Path(self.export_as.strip()).name
        if self.export_as != name or name == ".." or not name.isprintable():
            raise ConfigError(
                f"export_as = {self.export_as!r}", expected="a name that a folder may have", where="[run]"
            )
        if self.keep < 0 or self.retrain_days < 0:
            raise ConfigError(
                f"keep = {self.keep} and retrain_days = {self.retrain_days}",
                expected="0 or more",
                where="[run]",
            )


def _is_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("postgresql", "postgres") and not parts.password and "password" not in parts.query


@dataclass(frozen=True)
class Project:
    """What a folder's `trail.toml` says.

    Attributes:
        horizon_days: Days predicted, which is also the length of every window of history.
        country: ISO code of the country whose holidays move this log; empty for none.
        noun: What one unit of an event's weight is called, in the plural: orders, ratings, stars.
        history: Latest cutoffs at most, one horizon apart, that is learned from; bounds memory: 100,000
            items take about 50 MB a cutoff.
        events: Where the events are, and which columns hold what; one table a source.
        items: The same of the catalogue; without one, items are known by their events only.
        rules: What is done with rows that cannot be used.
        model: The language model and its training.
        backtest: How forecasts are tried on the past.
        forecast: What a forecast shows.
        webhooks: Who is told when a snapshot is published; one table an address.
        run: What `trail run` does every night.
    """

    events: tuple[Source, ...]
    items: tuple[Source, ...] = ()
    horizon_days: int = 7
    country: str = "US"
    noun: str = "events"
    history: int = 104
    rules: IngestRules = field(default_factory=IngestRules)
    model: ModelSettings = field(default_factory=ModelSettings)
    backtest: BacktestSettings = field(default_factory=BacktestSettings)
    forecast: ForecastSettings = field(default_factory=ForecastSettings)
    webhooks: tuple[Webhook, ...] = ()
    run: RunSettings = field(default_factory=RunSettings)

    def __post_init__(self) -> None:
        if not self.noun.strip():
            raise ConfigError("an empty noun", expected="a plural such as orders", where="noun")
        if self.history < 1:
            raise ConfigError(f"history = {self.history}", expected="1 or more", where="trail.toml")
        if not self.events:
            raise ConfigError("no event source", expected="at least one [[events]]", where="trail.toml")
        urls = [hook.url for hook in self.webhooks]
        if twice := [at for at, url in enumerate(urls, 1) if url in urls[: at - 1]]:
            raise ConfigError(  # without the address, whose path may be a secret
                f"table {twice[0]} of [[webhooks]] with the url of table {urls.index(urls[twice[0] - 1]) + 1}",
                expected="one table an address: it has one budget and one secret",
                where="[[webhooks]]",
                fix="name the kinds of both in one table",
            )
        calendar_of(
            datetime(2000, 1, 1, tzinfo=UTC), self.horizon, self.country
        )  # refuses an unknown country

    @property
    def horizon(self) -> Horizon:
        """The span predicted."""
        return Horizon(self.horizon_days)

    @property
    def fingerprint(self) -> str:
        """Hash of every setting (16 hexadecimal digits)."""
        return value_hash(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Returns the settings as plain values, nested as in `trail.toml`."""
        return dict(plain(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Reads a project from plain values.

        Raises:
            ConfigError: If a key is unknown (the nearest known one is named), missing or of another type.
        """
        return read_section(cls, values)
