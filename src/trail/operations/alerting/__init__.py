"""`trail alerts`: webhooks told of what a new snapshot brings, signed, within a daily budget, at least once."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from trail.errors import DataError
from trail.operations.alerting.delivery import Patience, deliver
from trail.operations.alerting.news import News, news_of
from trail.operations.alerting.outbox import Message, Outbox, id_of
from trail.operations.alerting.told import Told, folder_told, keep_told, read_told
from trail.operations.mapping import opened_mapped
from trail.operations.workspace import Workspace
from trail.project.webhooks import Webhook
from trail.snapshots import read_manifest
from trail.snapshots.mapped import Mapped

#: Runs after which a message is given up; days after which it is where nobody set the secret, so that no try is counted.
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
        given_up: Messages given up now: refused, failed too often, or without a secret for too long.
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


def tell_next(folder: Path, newer: Path, *, now: datetime | None = None) -> Alerted:
    """Makes the messages of what a snapshot brings beside the one told of last, and then notes that it was told of.

    A first one is noted and makes no message, and neither does one of an earlier cutoff than the one told of last, which
    is the way back. So a run that crashed, failed or read other data meanwhile loses no news: the next one tells of them.

    Args:
        folder: The project.
        newer: The snapshot that is published.
        now: The present, with a time zone.

    Raises:
        DataError: If the snapshot is damaged.
        EngineError: If a message, or the note, cannot be kept.
    """
    workspace = Workspace.open(folder)
    last, this = read_told(workspace), Told.of(newer)
    if last == this:
        return Alerted()
    older = folder_told(workspace)
    if older and read_manifest(older).moment > read_manifest(newer).moment:
        return Alerted(note=f"{newer.name} is earlier than {older.name}, which was told of: it is no news")
    try:
        if older:
            opened_mapped(workspace, older)
    except DataError:
        older = None
    done = tell(folder, older, newer, now=now)
    keep_told(workspace, this)
    if last and not older:
        gone = f"{last.snapshot}, which was told of last, is not there as it was"
        return replace(done, note=f"{gone}: what is new since is not told")
    return done


def tell(folder: Path, older: Path | None, newer: Path, *, now: datetime | None = None) -> Alerted:
    """Makes the messages of what a snapshot brings beside the one published before; delivers nothing.

    The same two snapshots again make no message again.

    Args:
        folder: The project.
        older: The snapshot published before; null without one, and then nothing is news.
        newer: The one published now.
        now: The present, with a time zone.

    Raises:
        DataError: If a snapshot is damaged.
        EngineError: If a message cannot be kept.
    """
    workspace = Workspace.open(folder)
    if older is None or not workspace.project.webhooks:
        return Alerted()
    before, after = (opened_mapped(workspace, each) for each in (older, newer))
    found = news_of(before, after)
    outbox, moment = outbox_of(workspace), now or datetime.now(UTC)
    made = left = 0
    for hook in workspace.project.webhooks:
        wanted = [each for each in found if each.kind in hook.kinds]
        fits = _within(hook, wanted, outbox, moment)
        messages = [_message(hook, each, after, moment) for each in fits]
        if messages and len(wanted) > len(fits):
            more = {"left_out": len(wanted) - len(fits)}
            messages[-1] = replace(messages[-1], body=messages[-1].body | more)
        made += sum(outbox.put(each) for each in messages)
        left += len(wanted) - len(fits)
    return Alerted(tuple(found), made, left, waiting=len(outbox.waiting()))


def outbox_of(workspace: Workspace) -> Outbox:
    """Returns the messages of a project."""
    return Outbox(workspace.folder / "alerts")


def _within(hook: Webhook, wanted: Sequence[News], outbox: Outbox, now: datetime) -> Sequence[News]:
    """Returns the news that the day's budget allows; what a run that was killed made of them takes none of it."""
    made = outbox.made_on(now.date().isoformat(), hook.url) - {id_of(each.id, hook.url) for each in wanted}
    return wanted[: max(hook.daily_budget - len(made), 0)]


def _message(hook: Webhook, news: News, mapped: Mapped, now: datetime) -> Message:
    name = id_of(news.id, hook.url)
    manifest = mapped.snapshot.manifest
    body: dict[str, Any] = {
        "id": name,
        "snapshot": {"name": mapped.name, "seal": manifest.seal, "cutoff": manifest.cutoff},
        "news": asdict(news),
    }
    return Message(name, hook.url, hook.secret_env, body, now.isoformat(timespec="seconds"))


def send(
    folder: Path,
    *,
    patience: Patience | None = None,
    post: Callable[[Message, str, Patience | None], str] = deliver,
    now: datetime | None = None,
) -> Alerted:
    """Delivers what waits; what fails waits for the next run, and is given up after ten, or at once where it is refused.

    One sender delivers at a time; another one says so and leaves it to it. An unset secret counts as no try, and ends a
    message that is older than two weeks.

    Args:
        folder: The project.
        patience: How often each is tried now.
        post: Delivers one: message, secret, patience -> why not.
        now: The present, with a time zone.

    Raises:
        EngineError: If the state of a message cannot be kept.
    """
    outbox = outbox_of(Workspace.open(folder))
    with outbox.sending() as other:
        if other:
            return Alerted(waiting=len(outbox.waiting()), note=f"another one delivers: {other}")
        moment = now or datetime.now(UTC)
        late = _without_secret(outbox, moment - timedelta(days=WAIT_DAYS))
        done = _sent(outbox, lambda each, secret: post(each, secret, patience))
        done = replace(done, given_up=done.given_up + len(late), troubles=(*_told(late), *done.troubles))
        outbox.forget(moment - timedelta(days=_KEPT_DAYS))
        return replace(done, waiting=len(outbox.waiting()))


def _without_secret(outbox: Outbox, before: datetime) -> list[Message]:
    """Gives up what was made before a moment and has no secret to this day; returns it."""
    late = [
        each
        for each in outbox.waiting()
        if not os.environ.get(each.secret_env) and datetime.fromisoformat(each.made) < before
    ]
    for each in late:
        outbox.given_up(each)
    return late


def _told(late: Sequence[Message]) -> list[str]:
    """Returns a line for each host and variable of messages that waited too long."""
    told = Counter((_host(each.url), each.secret_env) for each in late)
    return [
        f"{host}: {count} messages given up: the variable {name} was not set for {WAIT_DAYS} days"
        for (host, name), count in told.items()
    ]


def _sent(outbox: Outbox, post: Callable[[Message, str], str]) -> Alerted:
    sent, ended, troubles, dead = 0, 0, [], set[str]()
    for each in outbox.waiting():
        if each.url in dead:
            continue
        secret = os.environ.get(each.secret_env, "")
        why = post(each, secret) if secret else f"the variable {each.secret_env} is not set"
        if not why:
            outbox.delivered(each)
            sent += 1
            continue
        troubles.append(f"{_host(each.url)}: {why}")
        final = why.startswith("refused")
        if not final:
            dead.add(each.url)  # who does not answer is asked for the others by the next run
        if final or (secret and each.tries + 1 >= GIVE_UP_AFTER):
            outbox.given_up(each)
            ended += 1
        elif secret:
            outbox.failed(each)
    return Alerted(sent=sent, given_up=ended, troubles=tuple(troubles))


def _host(url: str) -> str:
    """Returns whom an address names; its path may be a secret."""
    return re.split("[/?#]", url.partition("//")[2])[0].rpartition("@")[2]


__all__ = ["Alerted", "News", "Patience", "folder_told", "outbox_of", "send", "tell", "tell_next"]
