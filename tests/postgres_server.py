"""A PostgreSQL server of a test's own, from Debian's packages."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def postgres(tmp_path_factory):
    """A PostgreSQL server of the test's own, on a free port."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql")
    pytest.importorskip("psycopg")
    tools = found[-1].parent
    # The server refuses to run as root, and another user must be able to enter its folder.
    user = {"user": "postgres", "group": "postgres"} if Path.home() == Path("/root") else {}
    place = Path("/tmp") / f"trail-pg-{free_port()}"
    place.mkdir()
    if user:
        shutil.chown(place, "postgres", "postgres")
    port = free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=place, stdout=subprocess.DEVNULL, **user)

    try:
        run(str(tools / "initdb"), "-D", str(place / "data"), "-U", "trail", "-A", "trust")
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1"
        run(
            str(tools / "pg_ctl"),
            "-D",
            str(place / "data"),
            "-w",
            "-l",
            str(place / "log"),
            "-o",
            options,
            "start",
        )
        yield f"postgresql://trail:secret@127.0.0.1:{port}/postgres"
        run(str(tools / "pg_ctl"), "-D", str(place / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)
