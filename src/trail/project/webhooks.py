"""Who is told of what a new snapshot brings: one table a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from trail.errors import ConfigError

#: What can be told of: an item that enters the top K, and one whose forecast turns round.
ENTRANT, REVERSAL = "entrant", "reversal"


@dataclass(frozen=True)
class Webhook:
    """An address that is told of new entrants and reversals when a snapshot is published.

    Attributes:
        url: Where to post, http or https.
        secret_env: Name of the environment variable that holds the secret for the signature; secrets never stand here.
        kinds: What it is told of: entrant (an item enters the top K), reversal (its forecast turns from a rise to a
            fall, or back).
        daily_budget: Messages a day at most (UTC), the most important first; what is left out is counted in the last one.
    """

    url: str
    secret_env: str = "TRAIL_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
    kinds: tuple[str, ...] = (ENTRANT, REVERSAL)
    daily_budget: int = 20

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ConfigError(
                "a webhook's url that is none",
                expected="http:// or https://, a host, no user or password",
                where="[[webhooks]]",
            )
        if unknown := [kind for kind in self.kinds if kind not in (ENTRANT, REVERSAL)]:
            raise ConfigError(
                f"kinds = {unknown}", expected=f"some of {ENTRANT}, {REVERSAL}", where="[[webhooks]]"
            )
        if self.daily_budget < 1 or not self.secret_env:
            raise ConfigError(
                f"daily_budget = {self.daily_budget} and secret_env = {self.secret_env!r}",
                expected="1 or more, and the name of a variable",
                where="[[webhooks]]",
            )
