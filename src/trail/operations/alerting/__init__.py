"""`trail alerts`: webhooks told of what a new snapshot brings, signed, within a daily budget, at least once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trail.errors import DataError
from trail.operations.alerting.delivery import Patience
from trail.operations.alerting.news import News, news_of
from trail.operations.alerting.outbox import Message, Outbox, id_of
from trail.operations.alerting.sending import GIVE_UP_AFTER, WAIT_DAYS, Alerted, outbox_of, send
from trail.operations.alerting.told import Told, folder_told, keep_told, read_told
from trail.operations.mapping import opened_mapped
from trail.operations.workspace import Workspace
from trail.project.webhooks import Webhook
from trail.snapshots import read_manifest
from trail.snapshots.mapped import Mapped


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
    return Message(name, hook.url, body, now.isoformat(timespec="seconds"))


__all__ = [
    "GIVE_UP_AFTER",
    "WAIT_DAYS",
    "Alerted",
    "News",
    "Patience",
    "folder_told",
    "outbox_of",
    "send",
    "tell",
    "tell_next",
]
