"""Messages that wait to be delivered: a file each, so that a crash loses none and a receiver may get one twice, never none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from trail.engine import value_hash, write_json
from trail.errors import EngineError
from trail.operations.locking import held

_WAITING, _SENT, _GIVEN_UP = "waiting", "sent", "given-up"
_LOCK = ".send.lock"
#: The path of an address may be a secret: nobody but the owner reads it.
_PRIVATE = 0o600


@dataclass(frozen=True)
class Message:
    """One message to one address.

    Attributes:
        id: Of the news and the address; deliveries of the same message carry the same.
        url: Where it goes.
        body: What is posted, as JSON.
        made: When it was made, ISO.
        tries: Failed deliveries so far.
        sent: When it was delivered, ISO; empty until then.
    """

    id: str
    url: str
    body: dict[str, Any]
    made: str
    tries: int = 0
    sent: str = ""


class Outbox:
    """The messages of a project.

    Args:
        folder: Where they lie, a file each in `waiting`, `sent` or `given-up`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, message: Message) -> bool:
        """Keeps a message until it is delivered; one that was kept before, delivered or not, is not kept again."""
        name = f"{message.id}.json"
        if any((self._folder / place / name).exists() for place in (_WAITING, _SENT, _GIVEN_UP)):
            return False
        write_json(asdict(message), self._folder / _WAITING / name, _PRIVATE)
        return True

    def waiting(self) -> list[Message]:
        """Returns what waits, the oldest first; a file that cannot be read is passed over."""
        return sorted(self._read(_WAITING), key=lambda each: (each.made, each.id))

    def made_on(self, day: str, url: str) -> set[str]:
        """Returns the identifiers of messages made for an address on a day, ISO, whatever became of them."""
        every = (each for place in (_WAITING, _SENT, _GIVEN_UP) for each in self._read(place))
        return {each.id for each in every if each.url == url and each.made[:10] == day}

    def sent_on(self, day: str) -> Counter[str]:
        """Returns how many messages were delivered to each address on a day, ISO."""
        return Counter(each.url for each in self._read(_SENT) if each.sent[:10] == day)

    def delivered(self, message: Message, now: datetime) -> None:
        """Notes that a message was delivered, and when."""
        self._note(replace(message, sent=now.isoformat(timespec="seconds")))
        self._move(message, _SENT)

    def given_up(self, message: Message) -> None:
        """Notes that a message is not tried again."""
        self._move(message, _GIVEN_UP)

    def failed(self, message: Message) -> None:
        """Notes a failed delivery; it is tried again by the next run. One that does not wait any more is left as it is."""
        self._note(replace(message, tries=message.tries + 1))

    def forget(self, before: datetime) -> None:
        """Removes what was delivered or given up before a moment."""
        for place in (_SENT, _GIVEN_UP):
            for each in self._read(place):
                if datetime.fromisoformat(each.made) < before:
                    with _of_the_disk(self._path(place, each)) as path:
                        path.unlink(missing_ok=True)

    @contextmanager
    def sending(self) -> Iterator[str]:
        """Holds the messages for one sender; yields who holds them already, in words, and is empty if nobody does.

        Raises:
            EngineError: If the lock cannot be written.
        """
        with _of_the_disk(self._folder) as folder:
            folder.mkdir(parents=True, exist_ok=True)
        with held(self._folder / _LOCK) as other:
            yield other

    def _note(self, message: Message) -> None:
        path = self._path(_WAITING, message)
        if path.exists():
            write_json(asdict(message), path, _PRIVATE)

    def _path(self, place: str, message: Message) -> Path:
        return self._folder / place / f"{message.id}.json"

    def _move(self, message: Message, place: str) -> None:
        target = self._path(place, message)
        with _of_the_disk(target), suppress(FileNotFoundError):  # somebody moved it, or took it away
            target.parent.mkdir(parents=True, exist_ok=True)
            self._path(_WAITING, message).replace(target)

    def _read(self, place: str) -> Iterator[Message]:
        folder = self._folder / place
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
                # an earlier version kept the name of the secret too
                yield Message(**{name: value for name, value in found.items() if name != "secret_env"})
            except (OSError, ValueError, TypeError, AttributeError):
                continue


@contextmanager
def _of_the_disk(path: Path) -> Iterator[Path]:
    """Turns what the system says of a file into an EngineError."""
    try:
        yield path
    except OSError as error:
        raise EngineError(
            f"could not keep the state of a message: {error.strerror or error}",
            where=str(path),
            fix="free disk space or change the rights of the folder",
        ) from error


def id_of(news: str, url: str) -> str:
    """Returns a message's identifier from that of its news and its address."""
    return value_hash([news, url])
