"""kill -9 at random moments of `trail run`, and at every place of `bench/traps.py`; then a rerun: it must end undisturbed.

    PYTHONPATH=. python bench/kills.py --kills 50 --seed 0

A simulated log of 18 weeks is read, learned from and published; then a week of events arrives, and so does the night that is
killed: a tiny random model is trained anew in it (`--no-model`: the best baseline alone), an older snapshot is removed, and a
webhook is told. Between the kill and the rerun what a server would serve must be published, whole, and verify. Afterwards the
bytes of the events, the catalogue, the rows set aside and of every table of every snapshot are compared, the manifests without
the time and the seal that follows from it, the scores, what moved items, and which snapshot is published; and each of the news
must have been delivered, under one id.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from bench.traps import TRAPS, Receiver, Trap, set_trap

from trail.baselines.sample import sample_log
from trail.cli import app
from trail.engine import file_hash, value_hash
from trail.evaluate.scorecard import read_scores
from trail.events import Source
from trail.operations.mapping import opened_mapped
from trail.operations.publishing import standing
from trail.operations.workspace import Workspace
from trail.project import ForecastSettings, Project, RunSettings, Webhook, save_project
from trail.snapshots import folders_in, verify_snapshot

_COLUMNS = ("item_id", "timestamp", "user_id", "price")
_FIRST = datetime(2024, 4, 29, tzinfo=UTC)
_NIGHTS = (datetime(2024, 5, 6, tzinfo=UTC), datetime(2024, 5, 13, tzinfo=UTC))
_PATIENCE = 600


@dataclass(frozen=True)
class Kill:
    """A run that was killed, and what the rerun came to.

    Attributes:
        after: Seconds from the moment it held the lock.
        stage: The last stage that it told of, or the trap's name.
        wrong: What is not as in an undisturbed run; empty if nothing is.
    """

    after: float
    stage: str
    wrong: tuple[str, ...]


def orders(folder: Path, name: str, start: datetime | None, end: datetime) -> int:
    """Writes the sample's events of a span by the week, which leaves few cutoffs, and returns how many there are."""
    table = sample_log()[0].table.select(*_COLUMNS).to_pyarrow()
    inside = pc.less(table["timestamp"], pa.scalar(end))
    if start:
        inside = pc.and_(inside, pc.greater_equal(table["timestamp"], pa.scalar(start)))
    table = table.filter(inside)
    weeks = (
        pc.floor_temporal(table["timestamp"].cast("timestamp[us]"), 1, "week").cast("date32").cast("string")
    )
    (folder / "orders").mkdir(parents=True, exist_ok=True)
    pyarrow.csv.write_csv(table.set_column(1, "timestamp", weeks), folder / "orders" / name)
    return int(table.num_rows)


def command(arguments: list[str], out: Path, trap: Trap | None) -> None:
    """Runs the command line in this process, what it prints on stdout and stderr into files."""
    os.environ |= {"TRAIL_WEBHOOK_SECRET": "shared", "NO_PROXY": "127.0.0.1"}
    if trap:
        set_trap(trap)
    for stream, path in ((1, out), (2, out.with_suffix(".err"))):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    app(arguments)


class Nights:
    """Starts nightly commands, each in a process of its own, from a server that has imported what they need."""

    def __init__(self, *, use_model: bool) -> None:
        self.asked = [] if use_model else ["--no-model"]
        self.context = multiprocessing.get_context("forkserver")
        stages = ["trail.forecast", "trail.explain"] if use_model else []
        self.context.set_forkserver_preload(["trail.cli", "trail.operations", *stages])

    def start(self, folder: Path, *asked: str, trap: Trap | None = None) -> tuple[ForkServerProcess, float]:
        """Starts a night; returns its process and the moment from which on it holds the lock."""
        out = folder.parent / "said.json"
        running = self.context.Process(
            target=command, args=(["run", str(folder), "--json", *self.asked, *asked], out, trap)
        )
        running.start()
        path, mine = folder / ".run.lock", f'"pid": {running.pid},'
        while running.is_alive() and not (path.is_file() and mine in path.read_text()):
            time.sleep(0.005)
        return running, time.monotonic()

    def whole(self, folder: Path, *asked: str) -> tuple[dict[str, Any], float]:
        """Runs a night to its end; returns what it says, and its seconds from the moment it held the lock."""
        running, start = self.start(folder, *asked)
        running.join(_PATIENCE)
        took, said = time.monotonic() - start, (folder.parent / "said.json").read_text()
        assert said, (folder.parent / "said.err").read_text()
        return dict(json.loads(said)), took


def make_base(folder: Path, nights: Nights, hook: str, *, use_model: bool) -> int:
    """Makes a project after two nights, with the next week's file beside it; returns the events of that week."""
    orders(folder, "first.csv", None, _FIRST)
    project = Project(
        events=(Source("orders/*.csv", columns={name: name for name in _COLUMNS}),),
        history=8,
        forecast=ForecastSettings(top=40, explained=2),
        run=RunSettings(retrain_days=7, keep=2),
        webhooks=(Webhook(hook, daily_budget=1000),),
    )
    if use_model:
        from tests.model_fixtures import SMALL  # noqa: PLC0415 - torch, which a baseline needs not
        from tests.tiny import tiny_backbone  # noqa: PLC0415 - as above

        from trail.model import ModelSettings  # noqa: PLC0415 - as above

        backbone = tiny_backbone(folder.parent / "backbone")
        project = replace(project, model=ModelSettings(backbone=str(backbone), **SMALL))
    save_project(project, folder)
    first, _ = nights.whole(folder, "--no-model")
    orders(folder, "a.csv", _FIRST, _NIGHTS[0])
    second, _ = nights.whole(folder)
    assert first["exit_code"] == second["exit_code"] == 0, (first, second)
    return orders(folder, "b.csv", *_NIGHTS)


def outcome(folder: Path) -> dict[str, Any]:
    """Returns what a night leaves, but for when it was and what follows from that."""
    found: dict[str, Any] = {
        name: file_hash(folder / "data" / name)
        for name in ("events.parquet", "items.parquet", "rejected.csv")
    }
    for each in folders_in(folder / "snapshots"):
        manifest = json.loads((each / "manifest.json").read_text())
        found[f"manifest of {each.name}"] = {
            key: value for key, value in manifest.items() if key not in ("created", "seal")
        }
        for path in sorted(each.glob("*.parquet")):
            found[f"{each.name}/{path.name}"] = file_hash(path)
    for score in read_scores(folder / "reports" / "scorecard"):
        figures = [replace(figure, seal="") for figure in score.figures]
        found[f"score of {score.head.snapshot}"] = repr((replace(score.head, seal=""), figures))
    found["models"] = sorted(path.name for path in (folder / "models").glob("*.json"))
    for name, path in (("published", "published.json"), ("told", "alerts/told.json")):
        found[name] = json.loads((folder / path).read_text())["snapshot"]
    for path in (folder / "reports" / "moves").glob("*.json"):
        found[path.name] = value_hash([json.loads(path.read_text())["items"]])
    found["waiting"] = len(list((folder / "alerts" / "waiting").glob("*")))
    found["hidden"] = sorted(
        str(path.relative_to(folder))
        for path in (folder / "snapshots").glob(".*")
        if path.name.startswith(".removed")
    )
    return found


class Trial:
    """One project in one place, brought back to the evening before as often as it is needed."""

    def __init__(self, place: Path, *, use_model: bool) -> None:
        self.base, self.shop, self.nights = place / "base", place / "shop", Nights(use_model=use_model)
        self.receiver = Receiver()
        self.rows = make_base(self.base, self.nights, self.receiver.url, use_model=use_model)
        self.back()
        said, self.seconds = self.nights.whole(self.shop)
        assert (said["exit_code"], said["change"]["new"]) == (0, self.rows), said
        self.expected, self.news = outcome(self.shop), set(self.receiver.told())
        assert self.news, "nothing is news"
        assert len(folders_in(self.shop / "snapshots")) == len(folders_in(self.base / "snapshots")), said

    def back(self) -> None:
        """Brings the project back to the evening before."""
        self.receiver.posted.clear()
        shutil.rmtree(self.shop, ignore_errors=True)
        shutil.copytree(self.base, self.shop)

    def killed(self, share: float) -> Kill | None:
        """Kills a run after a share of the time that it takes, and reruns it; null where it had ended before."""
        self.back()
        running, start = self.nights.start(self.shop)
        running.join(share * self.seconds)
        after = time.monotonic() - start
        running.kill()
        running.join(_PATIENCE)
        if running.exitcode != -signal.SIGKILL:
            self.seconds = after  # the machine has more time for it than it had
            return None
        told = (self.shop.parent / "said.err").read_text().splitlines()
        return Kill(after, told[-1].split(":")[0] if told else "start", self._rerun())

    def trapped(self, name: str) -> Kill:
        """Lets a run kill itself at a place, and reruns it."""
        self.back()
        running, start = self.nights.start(self.shop, trap=TRAPS[name])
        running.join(_PATIENCE)
        after = time.monotonic() - start
        if running.exitcode != -signal.SIGKILL:
            return Kill(after, name, (f"it was not killed there: exit code {running.exitcode}",))
        return Kill(after, name, self._rerun())

    def _rerun(self) -> tuple[str, ...]:
        """Looks at what a killed run left, runs again, and returns what is wrong."""
        served, ended = _served_wrong(self.shop), _ended(self.shop, self.base)
        said, _ = self.nights.whole(self.shop)
        return (*served, *self._wrong(said, ended=ended), *self._told_wrong())

    def _told_wrong(self) -> list[str]:
        told = self.receiver.told()
        wrong = [f"{each} was not delivered" for each in sorted(self.news - told.keys())]
        wrong += [f"{each} is no news" for each in sorted(told.keys() - self.news)]
        return wrong + [f"{each} came under {len(ids)} ids" for each, ids in told.items() if len(ids) > 1]

    def _wrong(self, said: dict[str, Any], *, ended: bool) -> list[str]:
        found = outcome(self.shop)
        wrong = [name for name in {**found, **self.expected} if found.get(name) != self.expected.get(name)]
        if said["exit_code"]:
            wrong.append(f"exit code {said['exit_code']}")
        if said["change"]["new"] != (0 if ended else self.rows):
            wrong.append(f"{said['change']['new']} new events told")
        return wrong


def _served_wrong(folder: Path) -> list[str]:
    """Returns what is wrong with what a server would serve now; it must be what is published, whole and true."""
    workspace = Workspace.open(folder)
    found = standing(workspace)
    if found.folder is None or found.why:
        return [f"served was {found.folder}: {'; '.join(found.why)}"]
    report = verify_snapshot(found.folder)
    rows = len(opened_mapped(workspace, found.folder))
    wrong = [f"served, {each.where}: {each.what}" for each in report.problems]
    return wrong + [f"{rows} of {report.items} items served"] * (rows != report.items)


def _ended(folder: Path, base: Path) -> bool:
    """Tells whether the journal says that this night's run ended, and not the one before: what it read is told then already."""
    try:
        found, before = (json.loads((each / "run.json").read_text()) for each in (folder, base))
    except (OSError, ValueError):
        return False
    return found["ended"] is not None and found["key"] != before["key"]


def kills(place: Path, number: int, seed: int, *, use_model: bool, traps: Sequence[str] = ()) -> list[Kill]:
    """Kills so many runs at moments drawn evenly over the time that a run takes, and one at each of some traps."""
    trial, draw = Trial(place, use_model=use_model), random.Random(seed)
    print(f"an undisturbed run takes {trial.seconds:.1f} s, {len(trial.news)} news are told", flush=True)
    found: list[Kill] = []
    while len(found) < number + len(traps):
        one = (
            trial.killed(draw.random()) if len(found) < number else trial.trapped(traps[len(found) - number])
        )
        if one is not None:
            found.append(one)
            print(
                f"{len(found)}: after {one.after:.2f} s, {one.stage}: {', '.join(one.wrong) or 'the same'}",
                flush=True,
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-model", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = kills(Path(place), asked.kills, asked.seed, use_model=not asked.no_model, traps=[*TRAPS])
    wrong = sum(bool(each.wrong) for each in found)
    print(f"{len(found)} kills, {len(found) - wrong} ended in the same bytes, {wrong} did not")
    print(
        "where they hit:",
        ", ".join(f"{stage} {times}" for stage, times in Counter(each.stage for each in found).most_common()),
    )
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
