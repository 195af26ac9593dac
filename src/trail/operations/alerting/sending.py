"""Messages that wait, delivered: each a few times in a run, over several runs, and given up in the end."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trail.operations.alerting.delivery import Patience, deliver
from trail.operations.alerting.news import News
from trail.operations.alerting.outbox import Message, Outbox
from trail.operations.workspace import Workspace

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
    waits for an address that is in trail.toml no more.

    Args:
        folder: The project.
        patience: How often each is tried now.
        post: Delivers one: message, secret, patience -> why not.
        now: The present, with a time zone.

    Raises:
        EngineError: If the state of a message cannot be kept.
    """
    workspace = Workspace.open(folder)
    outbox, urls = outbox_of(workspace), {hook.url for hook in workspace.project.webhooks}
    with outbox.sending() as other:
        if other:
            return Alerted(waiting=len(outbox.waiting()), note=f"another one delivers: {other}")
        moment = now or datetime.now(UTC)
        before = moment - timedelta(days=WAIT_DAYS)
        gone = _ended(outbox, lambda each: each.url not in urls)
        patience = patience or Patience()
        done = _sent(
            outbox,
            lambda each, tries: post(each, _secret(each), replace(patience, tries=tries)),
            patience.tries,
        )
        late = _ended(outbox, lambda each: datetime.fromisoformat(each.made) < before)
        outbox.forget(moment - timedelta(days=_KEPT_DAYS))
        return replace(
            done,
            waiting=len(outbox.waiting()),
            given_up=done.given_up + len(late) + len(gone),
            troubles=(*_told(late, _why_late), *done.troubles),
            note="; ".join(_told(gone, lambda _: "the address is in trail.toml no more")),
        )


def _secret(message: Message) -> str:
    """Returns the secret that signs a message; empty if it is not set."""
    return os.environ.get(message.secret_env, "")


def _ended(outbox: Outbox, which: Callable[[Message], bool]) -> list[Message]:
    """Gives up some of what waits, and returns it."""
    found = [each for each in outbox.waiting() if which(each)]
    for each in found:
        outbox.given_up(each)
    return found


def _why_late(message: Message) -> str:
    unset = "" if _secret(message) else f", the variable {message.secret_env} is not set"
    return f"not delivered in {WAIT_DAYS} days{unset}"


def _told(ended: Sequence[Message], why: Callable[[Message], str]) -> list[str]:
    """Returns a line for each host and reason of messages that were given up before they were tried."""
    told = Counter((_host(each.url), why(each)) for each in ended)
    return [f"{host}: {count} messages given up: {words}" for (host, words), count in told.items()]


def _sent(outbox: Outbox, post: Callable[[Message, int], str], tries: int) -> Alerted:
    """Tries each message, `tries` times or, where its address failed just now, once; what failed least comes first.

    A receiver that answers is asked for the others too, for it may not digest that one message; one that does not answer is
    not, and another of its messages comes first in the next run.
    """
    sent, ended, troubles, failed = 0, 0, [], dict[str, str]()
    for each in sorted(outbox.waiting(), key=lambda each: each.tries):
        host, before = _host(each.url), failed.get(each.url, "")
        if not _secret(each):
            troubles.append(f"{host}: the variable {each.secret_env} is not set")
            continue
        if before and not before.startswith("status"):
            continue
        why = post(each, 1 if before else tries)
        if not why:
            failed.pop(each.url, None)
            outbox.delivered(each)
            sent += 1
            continue
        troubles.append(f"{host}: {why}")
        final = why.startswith("refused")
        if not final:
            failed[each.url] = why
        if final or each.tries + 1 >= GIVE_UP_AFTER:
            outbox.given_up(each)
            ended += 1
        else:
            outbox.failed(each)
    return Alerted(sent=sent, given_up=ended, troubles=tuple(dict.fromkeys(troubles)))


def _host(url: str) -> str:
    """Returns whom an address names; its path may be a secret."""
    return re.split("[/?#]", url.partition("//")[2])[0].rpartition("@")[2]
