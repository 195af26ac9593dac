"""The service under load, on this machine, over the loopback: how fast, how even, and never a mixed list.

`rates` compares the list with a bare FastAPI route that returns the same bytes, side by side, by wrk. `swaps` asks at a
constant rate while another snapshot is published every second, and holds every row against the sealed tables; with
`--client hey` the list is asked for as often by that program too, which is none of ours. `first` opens lists in a browser.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import numpy as np
import psutil
import uvicorn
from bench.service_client import asked, mixture, point, truths_of
from bench.service_data import made_project
from bench.service_hey import heard
from fastapi import FastAPI, Response

from trail.operations.mapping import mapped_files
from trail.operations.workspace import Workspace
from trail.service import ServiceSettings, create_app
from trail.service.calm import calm
from trail.service.guard import GuardSettings
from trail.service.keys import create
from trail.service.limits import LimitSettings
from trail.service.serving import Address, Served, prepared
from trail.snapshots.mapped import folder_of

_T = TypeVar("_T")
_KEYS = "bench-keys.json"
_LIST = "/v1/projects/{project}/hits?limit=50"
_DISTINCT = """
local at = 0
request = function() at = (at + 1) % 90000; return wrk.format("GET", "PATH?offset=" .. at) end
"""


def serve(what: str, folder: Path, port: int) -> None:
    """Runs one worker: `ours`, `guarded` or `bare`, whose body is the file `folder`."""
    if what == "bare":
        app, body = FastAPI(), folder.read_bytes()

        @app.get("/v1/projects/{project}/hits")
        def hits(project: str, limit: int = 50) -> Response:  # noqa: ARG001 - as ours has them
            return Response(body, media_type="application/json")

    elif what == "guarded":
        served(folder, port).run()
        return
    else:
        app = create_app(ServiceSettings(projects={folder.name: folder}))
    options = {"loop": "uvloop", "http": "httptools", "access_log": False, "log_level": "error"}
    _Server(uvicorn.Config(app, port=port, **options)).run()


def served(folder: Path, port: int) -> Served:
    """Returns the server as `trail serve` makes it, with keys, an access log, and limits that nobody reaches."""
    logging.basicConfig(level=logging.INFO, stream=Path(os.devnull).open("w"))  # noqa: SIM115 - as long as the process lives
    guard = GuardSettings(limits=LimitSettings(10**9, 10**9))
    return prepared(
        ServiceSettings(projects={folder.name: folder}), guard, Address(port=port), folder / _KEYS
    )


def key_header(folder: Path) -> str:
    """Makes a key for the guarded service and returns the header that shows it."""
    (folder / _KEYS).unlink(missing_ok=True)
    return f"Authorization: Bearer {create(folder / _KEYS, 'bench', ['read', 'explain'])[1]}"


class _Server(uvicorn.Server):
    async def startup(self, sockets: list | None = None) -> None:
        await super().startup(sockets)
        calm()


@contextmanager
def running(what: str, folder: Path, port: int) -> Iterator[subprocess.Popen]:
    """Yields a server in a process of its own that answers."""
    command = [sys.executable, __file__, "serve", what, str(folder), "--port", str(port)]
    # the folder of `bench` is where a process of its own finds its modules
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/{'openapi.json' if what == 'bare' else 'ready'}", process)
            yield process
        finally:
            process.terminate()


def _wait(url: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the server died")
        try:
            with urlopen(url) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def wrk(url: str, seconds: int, script: str = "", headers: tuple[str, ...] = ()) -> float:
    """Returns requests a second of 32 connections; a single failed one ends the run."""
    command = ["wrk", "-t1", "-c32", f"-d{seconds}s", *(part for each in headers for part in ("-H", each))]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])


def rates(folder: Path, rounds: int, seconds: int, guarded: bool) -> None:
    """Prints how many requests a second the list answers, beside the bare route, in turns."""
    path = _LIST.format(project=folder.name)
    names = ["bare", "ours", *(["guarded"] if guarded else [])]
    ports = {name: 8300 + at for at, name in enumerate(names)}
    shown = {name: (key_header(folder),) if name == "guarded" else () for name in names}
    found: dict[str, list[float]] = {
        name: [] for name in [*names, *(f"{each}, distinct" for each in names[1:])]
    }
    with running("ours", folder, ports["ours"]), tempfile.NamedTemporaryFile() as body:
        with urlopen(f"http://127.0.0.1:{ports['ours']}{path}") as answer:
            body.write(answer.read())
            body.flush()
        print(f"the list: {Path(body.name).stat().st_size:,} bytes")
        servers = [running("bare", Path(body.name), ports["bare"])]
        servers += [running("guarded", folder, ports["guarded"])] if guarded else []
        with _all(servers):
            for _ in range(rounds):
                for name in names:
                    found[name].append(
                        wrk(f"http://127.0.0.1:{ports[name]}{path}", seconds, headers=shown[name])
                    )
                for name in names[1:]:
                    script = _DISTINCT.replace("PATH", path.split("?")[0])
                    url = f"http://127.0.0.1:{ports[name]}{path}"
                    found[f"{name}, distinct"].append(wrk(url, seconds, script, shown[name]))
    bare = np.array(found["bare"])
    for name, each in found.items():
        ratio = np.array(each) / bare
        print(
            f"{name:20s} {np.median(each):9,.0f} requests/s, of the bare route "
            f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f}, {rounds} rounds of {seconds} s)"
        )


@contextmanager
def _all(servers: list) -> Iterator[None]:
    with ExitStack() as stack:
        for each in servers:
            stack.enter_context(each)
        yield


def swaps(folder: Path, days: list[Path], said: argparse.Namespace) -> bool:
    """Prints latency and failures at a constant rate while snapshots are swapped every second; whether all held."""
    rate, seconds, how, guarded = said.rate, said.seconds or 60, said.how, said.guarded
    workspace, truths = Workspace.open(folder), truths_of(days)
    for each in days:
        mapped_files(workspace, each)
    point(folder, days[0])
    items, key = next(iter(truths.values())).items, key_header(folder) if guarded else ""
    headers, other = f"{key}\r\n" if key else "", None
    with running("guarded" if guarded else "ours", folder, 8310) as process:
        asyncio.run(
            asked(8310, mixture(folder.name, items, 1), truths, rate=rate, seconds=3, headers=headers)
        )

        async def both(client: Coroutine[Any, Any, _T]) -> _T:
            turning = asyncio.create_task(_turning(workspace, days, how))
            found = await client
            turning.cancel()
            return found

        start, asking = psutil.Process(process.pid).cpu_times(), mixture(folder.name, items, 2)
        found = asyncio.run(both(asked(8310, asking, truths, rate=rate, seconds=seconds, headers=headers)))
        end = psutil.Process(process.pid).cpu_times()
        if said.client == "hey":
            url = f"http://127.0.0.1:8310{_LIST.format(project=folder.name)}"
            other = asyncio.run(both(heard(url, rate=rate, seconds=seconds, header=key)))
    seals = len(found.seals)
    print(
        f"{how}{', guarded' if guarded else ''}: {len(found.seconds):,} answers at {rate:g}/s in {seconds:g} s, "
        f"{sum(found.failed.values())} failed, {found.mixed} mixed, {seals} snapshots seen; "
        f"median {found.percentile(50):.1f} ms, p99 {found.percentile(99):.1f} ms, most {found.percentile(100):.1f} ms "
        f"(the client's own lateness p99 {1000 * np.percentile(found.late, 99):.1f} ms); "
        f"the server used {(end.user + end.system - start.user - start.system) / seconds:.2f} cores"
    )
    for kind in sorted(set(found.kinds)):
        print(
            f"  {kind:14s} median {found.percentile(50, kind):6.1f} ms, p99 {found.percentile(99, kind):6.1f} ms"
        )
    for kind, times in found.failed.items():
        print(f"  failed: {kind} {times} times")
    if other:
        print(f"  the list, {other}")
    whole = not found.failed and not found.mixed and (other is None or other.holds)
    return whole and (how == "still" or seals > 1)


async def _turning(workspace: Workspace, days: list[Path], how: str) -> None:
    """Publishes the next snapshot every second; `built`: the server must make its mapped files itself."""
    at = 0
    while how != "still":
        await asyncio.sleep(1.0)
        at += 1
        following = days[at % len(days)]
        if how == "built":
            # what the server has open is only unlinked: it goes on reading it
            await asyncio.to_thread(
                shutil.rmtree, folder_of(workspace.serving, following), ignore_errors=True
            )
        await asyncio.to_thread(point, workspace.folder, following)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("rates", "swaps", "first", "serve"))
    parser.add_argument("rest", nargs="*", help="of serve: what and where")
    parser.add_argument("--folder", type=Path, help="where the made project lies; a temporary one by default")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--how", choices=("still", "swapped", "built"), default="swapped")
    parser.add_argument("--guarded", action="store_true")
    parser.add_argument(
        "--client", choices=("ours", "hey"), default="ours", help="of swaps: who asks besides"
    )
    parser.add_argument("--port", type=int, default=8300)
    said = parser.parse_args()
    if said.part == "serve":
        serve(said.rest[0], Path(said.rest[1]), said.port)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.folder or Path(temporary) / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        days = made_project(folder, items=said.items, days=4)
        if said.part == "rates":
            point(folder, days[-1])
            rates(folder, said.rounds, said.seconds or 8, said.guarded)
            return
        if said.part == "first":
            from bench.service_browser import first_lists  # noqa: PLC0415 - the others need no browser

            point(folder, days[-1])
            mapped_files(Workspace.open(folder), days[-1])
            with running("ours", folder, 8320):
                first_lists(f"http://127.0.0.1:8320/p/{folder.name}", said.rounds)
            return
        if not swaps(folder, days, said):
            raise SystemExit("an answer failed, or was mixed")


if __name__ == "__main__":
    main()
