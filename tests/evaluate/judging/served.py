"""A real server of `/v1/chat/completions`: `transformers serve` with a folder of weights, in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx2

#: What `transformers serve` imports besides `transformers`.
_NEEDS = ("openai", "fastapi", "uvicorn")
#: Seconds that it may take to load; about five on a quiet machine.
_PATIENCE = 300


def lacking() -> str:
    """Returns why there can be no such server here; empty where there can."""
    if missing := [each for each in _NEEDS if find_spec(each) is None]:
        return f"`transformers serve` needs {', '.join(missing)}"
    return "" if _command() else "no command `transformers` beside the interpreter"


def _command() -> str | None:
    return shutil.which("transformers", path=str(Path(sys.executable).parent))


@contextmanager
def served(weights: Path, log: Path) -> Iterator[str]:
    """Serves a folder of weights, and yields the address; what the server says goes to a file.

    Raises:
        RuntimeError: If it ends before it answers, or does not in time.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(_command()),
        "serve",
        str(weights),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--device",
        "cpu",
    ]
    with log.open("w") as said:
        server = subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, "HF_HUB_OFFLINE": "1"}
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx2.get(f"{url}/health", timeout=5).is_success:
                return
        except httpx2.RequestError:
            time.sleep(0.2)
    raise RuntimeError(f"no server after {_PATIENCE} s, exit code {server.poll()}: {log.read_text()[-2000:]}")
