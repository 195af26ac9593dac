"""Messages that wait, delivered: each a few times in a run, over several runs, and given up in the end."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trail.operations.alerting.delivery import Patience, deliver
from trail.operations.alerting.news import News
from trail.operations.alerting.outbox import Message, Outbox
from trail.operations.workspace import Workspace
from trail.project.webhooks import Webhook

#: Tries after which a message is given up; days after which it is whatever was tried.
GIVE_UP_AFTER = 10
WAIT_DAYS = 14
_KEPT_DAYS = 60


@dataclass(frozen=True)
class Alerted:
    """What was told to whom.

    Attributes:
        news: What is new between the two snapshots, the most important first.
        made: Messages made now.
        left_out: News beyond the daily budgets.
        sent: Messages delivered now.
        waiting: Messages that wait for another try.
        given_up: Messages given up now: refused, failed too often, or waiting for too long.
        troubles: Why each delivery failed, in words.
        note: What else is to be known; empty if nothing is.
    """

    news: tuple[News, ...] = ()
    made: int = 0
    left_out: int = 0
    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    troubles: tuple[str, ...] = ()
    note: str = ""


def outbox_of(workspace: Workspace) -> Outbox:
    """Returns the messages of a project."""
    return Outbox(workspace.folder / "alerts")


def send(
    folder: Path,
    *,
    patience: Patience | None = None,
    post: Callable[[Message, str, Patience], str] = deliver,
    now: datetime | None = None,
) -> Alerted:
    """Delivers what waits; what fails waits for the next run, and is given up after ten, or at once where it is refused.

    One sender delivers at a time; another one says so and leaves it to it. What is not posted, for want of a secret or
    because its receiver has just fallen silent, counts no try; whatever is older than two weeks is given up, and so is what
    waits for an address that is in trail.toml no more. No address gets more than its daily budget in a day (UTC): the latest
    news come first, the most important of them before the others, and the rest waits.

    Args:
        folder: The project.
        patience: How often each is tried now.
        post: Delivers one: message, secret, patience -> why not.
        now: The present, with a time zone.

    Raises:
        EngineError: If the state of a message cannot be kept.
    """
    workspace = Workspace.open(folder)
    outbox, hooks = outbox_of(workspace), {hook.url: hook for hook in workspace.project.webhooks}
    with outbox.sending() as other:
        if other:
            return Alerted(waiting=len(outbox.waiting()), note=f"another one delivers: {other}")
        moment = now or datetime.now(UTC)
        before = moment - timedelta(days=WAIT_DAYS)
        gone = _ended(outbox, lambda each: each.url not in hooks)
        done = _Sender(outbox, hooks, patience or Patience(), post, moment).sent()
        late = _ended(outbox, lambda each: each.url in hooks and datetime.fromisoformat(each.made) < before)
        outbox.forget(moment - timedelta(days=_KEPT_DAYS))
        return replace(
            done,
            waiting=len(outbox.waiting()),
            given_up=done.given_up + len(late) + len(gone),
            troubles=(*_told(late, lambda each: _why_late(hooks[each.url])), *done.troubles),
            note="; ".join(
                filter(None, (*_told(gone, lambda _: "the address is in trail.toml no more"), done.note))
            ),
        )


def _secret(hook: Webhook) -> str:
    """Returns the secret that signs what an address is told; empty if it is not set."""
    return os.environ.get(hook.secret_env, "")


def _ended(outbox: Outbox, which: Callable[[Message], bool]) -> list[Message]:
    """Gives up some of what waits, and returns it."""
    found = [each for each in outbox.waiting() if which(each)]
    for each in found:
        outbox.given_up(each)
    return found


def _why_late(hook: Webhook) -> str:
    unset = "" if _secret(hook) else f", the variable {hook.secret_env} is not set"
    return f"not delivered in {WAIT_DAYS} days{unset}"


def _told(ended: Sequence[Message], why: Callable[[Message], str]) -> list[str]:
    """Returns a line for each host and reason of messages that were given up before they were tried."""
    told = Counter((_host(each.url), why(each)) for each in ended)
    return [f"{host}: {count} messages given up: {words}" for (host, words), count in told.items()]


@dataclass
class _Sender:
    """One run of deliveries.

    Attributes:
        outbox: What waits.
        hooks: Address -> its settings of now.
        patience: How often each is tried; one whose address failed just now, once.
        post: Delivers one.
        now: The present.
        failed: Address -> why it failed last.
    """

    outbox: Outbox
    hooks: Mapping[str, Webhook]
    patience: Patience
    post: Callable[[Message, str, Patience], str]
    now: datetime
    failed: dict[str, str] = field(default_factory=dict)

    def sent(self) -> Alerted:
        """Tries each message, as the daily budgets allow; what failed least comes first, then the latest, then by rank.

        A receiver that answers is asked for the others too, for it may not digest that one message; one that does not answer
        is not, and another of its messages comes first in the next run.
        """
        done, troubles, held = Counter[str](), [], Counter[str]()
        today = self.outbox.sent_on(self.now.date().isoformat())
        for each in sorted(self.outbox.waiting(), key=_urgency):
            hook, host = self.hooks.get(each.url), _host(each.url)
            if hook is None or self._silent(each.url):
                continue
            if not _secret(hook):
                troubles.append(f"{host}: the variable {hook.secret_env} is not set")
            elif today[each.url] >= hook.daily_budget:
                held[host] += 1
            elif why := self._tried(each, hook):
                troubles.append(f"{host}: {why}")
                done["given up"] += self._left(each, why)
            else:
                done["sent"] += 1
                today[each.url] += 1
        note = "; ".join(
            f"{host}: {many} wait for another day, its daily budget is spent" for host, many in held.items()
        )
        return Alerted(
            sent=done["sent"], given_up=done["given up"], troubles=tuple(dict.fromkeys(troubles)), note=note
        )

    def _silent(self, url: str) -> bool:
        """Tells whether an address has just fallen silent."""
        return url in self.failed and not self.failed[url].startswith("status")

    def _tried(self, message: Message, hook: Webhook) -> str:
        """Posts a message; returns why it was not taken, and nothing if it was."""
        tries = 1 if message.url in self.failed else self.patience.tries
        why = self.post(message, _secret(hook), replace(self.patience, tries=tries))
        if not why:
            self.failed.pop(message.url, None)
            self.outbox.delivered(message, self.now)
        return why

    def _left(self, message: Message, why: str) -> bool:
        """Keeps a message for later runs, or gives it up; returns whether it is the latter."""
        final = why.startswith("refused")
        if not final:
            self.failed[message.url] = why
        ends = final or message.tries + 1 >= GIVE_UP_AFTER
        (self.outbox.given_up if ends else self.outbox.failed)(message)
        return ends


def _urgency(message: Message) -> tuple[int, float, int]:
    rank = message.body.get("news", {}).get("rank", 0)
    return message.tries, -datetime.fromisoformat(message.made).timestamp(), rank


def _host(url: str) -> str:
    """Returns whom an address names; its path may be a secret."""
    return re.split("[/?#]", url.partition("//")[2])[0].rpartition("@")[2]
