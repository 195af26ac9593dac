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
        daily_budget: Messages a day at most (UTC), made and delivered, the most important first; what is left out is counted
            in the last one made. What waited while a receiver was down comes after the latest news, day by day.
    """

    url: str
    secret_env: str = "TRAIL_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
    kinds: tuple[str, ...] = (ENTRANT, REVERSAL)
    daily_budget: int = 20

    def __post_init__(self) -> None:
        if not _address(self.url):
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


def _address(url: str) -> bool:
    """Tells whether an address can be posted to and says no secret."""
    import httpx2  # noqa: PLC0415 - most projects have no webhook

    try:
        parts = urlsplit(url)
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):  # what they say may tell the address
        return False
    return (
        parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
    )
