"""`trail verify` and `trail diff`: what sealed forecasts say, checked and compared."""

from __future__ import annotations

from pathlib import Path

from trail.snapshots import Move, SnapshotReport, compare, open_snapshot, verify_snapshot


def verify(snapshot: Path, *, seal: str = "") -> SnapshotReport:
    """Checks a snapshot offline: its hashes, and every text and number on the cards beside it.

    Args:
        snapshot: Its folder.
        seal: The seal noted when it was made; empty to trust the manifest's own.

    Raises:
        DataError: If the folder is no snapshot.
    """
    return verify_snapshot(snapshot, seal=seal)


def diff(older: Path, newer: Path, *, top: int = 20) -> list[Move]:
    """Returns who moved in the ranking between two snapshots, for every item in the top of either.

    Raises:
        DataError: If a folder is no snapshot.
    """
    return compare(open_snapshot(older), open_snapshot(newer), top=top)
