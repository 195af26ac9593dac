"""The audit log: who did what to the service, one JSON object a line, only ever added to."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from trail.errors import EngineError
from trail.service.keys import redacted

#: Its name beside the file of keys.
AUDIT_FILE = "audit.jsonl"


class Act(StrEnum):
    """What is worth a line."""

    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SERVER_STARTED = "server_started"
    SNAPSHOT_PUBLISHED = "snapshot_published"


def machine_user() -> str:
    """Returns the name of who runs this process; their number where they have none, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # the last where a system has no such list
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


@dataclass(frozen=True)
class Audit:
    """A file to which acts are added.

    Attributes:
        path: The file; made with mode 0600 if absent.
        now: The time.
    """

    path: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def note(self, act: Act, actor: str, **details: object) -> None:
        """Adds a line and returns when the disk has it. The secret of a key in any text is struck out.

        Args:
            act: What was done.
            actor: Who did it: the id of a key, or a user of the machine.
            details: What else to keep; values that JSON does not know are written as text.

        Raises:
            EngineError: If the line cannot be written.
        """
        moment = self.now().isoformat(timespec="milliseconds")
        values = {"time": moment, "act": act.value, "actor": actor, "details": details}
        line = redacted(json.dumps(values, default=str)) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            handle = os.open(self.path, flags, 0o600)
            try:
                _append(handle, line.encode("ascii"))
            finally:
                os.close(handle)
        except OSError as error:
            raise EngineError(
                f"could not write the audit log: {error}",
                where=str(self.path),
                fix="free disk space or move the file to a folder that is yours",
            ) from error


def _append(handle: int, line: bytes) -> None:
    """Adds a line by one write, no other writer at the same time, and waits for the disk."""
    import fcntl  # noqa: PLC0415 - absent on Windows, where a service without keys still runs

    fcntl.flock(handle, fcntl.LOCK_EX)  # given back when the file is closed
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line  # a line that a full disk cut off must not swallow this one
    if (written := os.write(handle, line)) != len(line):
        raise OSError(f"{written} of {len(line)} bytes written")
    os.fsync(handle)
