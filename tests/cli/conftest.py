"""A project of a simulated log in CSV files, and the command line in process."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pyarrow.csv
import pytest
from typer.testing import CliRunner

from tests.cli import standins
from trail.baselines import BASELINES
from trail.baselines.sample import sample_log
from trail.cli import app
from trail.evaluate import report
from trail.operations import lineup, serving

CHEAP = {name: BASELINES[name] for name in ("last_window", "decayed")}


@dataclass
class Ran:
    code: int
    out: str
    err: str
    json: dict = field(default_factory=dict)


def run(*arguments: object) -> Ran:
    """Runs a command in process; parses what it prints where JSON was asked for."""
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    wanted = "--json" in arguments and done.stdout
    return Ran(done.exit_code, done.stdout, done.stderr, json.loads(done.stdout) if wanted else {})


def learn_from(folder: Path, cutoffs: int) -> None:
    """Lets a project learn from no more than so many cutoffs."""
    text = (folder / "trail.toml").read_text()
    assert "history = 104" in text
    (folder / "trail.toml").write_text(text.replace("history = 104", f"history = {cutoffs}"))


@contextmanager
def standing_in() -> Iterator[ModuleType]:
    """The language model replaced by the stand-in, the baselines by the two that cost nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "trail.forecast", standins.FORECAST_STAGE)
        patch.setitem(sys.modules, "trail.explain", standins.EXPLAIN_STAGE)
        patch.setattr(lineup, "BASELINES", CHEAP)
        patch.setattr(serving, "priors_of", lambda *_: [make() for make in CHEAP.values()])
        patch.setattr(lineup, "LINE_UP", CHEAP | {"windowed_mean": BASELINES["windowed_mean"]})
        yield standins


@pytest.fixture(scope="module")
def stood_in():
    """The stand-ins, in their places for the tests of a module."""
    with standing_in() as there:
        yield there


@pytest.fixture
def undrawn(monkeypatch):
    """Reports without plots, for a test that makes several and looks at none."""
    monkeypatch.setattr(report, "_figures", lambda *_: {})


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> Path:
    """events.csv and items.csv of 20 weeks."""
    folder = tmp_path_factory.mktemp("files")
    log, items = sample_log()
    events = log.table.select("item_id", "timestamp", "user_id", "price").to_pyarrow()
    catalogue = items.table.select("item_id", "title", "category").to_pyarrow()
    moments = events["timestamp"].cast("timestamp[us]").cast("string")
    pyarrow.csv.write_csv(events.set_column(1, "timestamp", moments), folder / "orders.csv")
    pyarrow.csv.write_csv(catalogue.rename_columns(["item_id", "title", "categories"]), folder / "items.csv")
    return folder


@pytest.fixture(scope="session")
def made_fresh(files, tmp_path_factory):
    """What `fresh` is, for fixtures that outlive a module."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("work") / "shop"
        with standing_in():
            done = run("init", folder, "--events", files / "orders.csv", "--items", files / "items.csv")
        assert done.code == 0, done.err
        return folder

    return make


@pytest.fixture(scope="session")
def made_shop(made_fresh) -> Path:
    """What `shop` is, made once."""
    folder = made_fresh()
    with standing_in():
        for verb in (("train", folder), ("forecast", folder, "--explain", 3, "--top", 10)):
            done = run(*verb)
            assert done.code == 0, done.err
    return folder


@pytest.fixture(scope="module")
def fresh(stood_in, made_fresh):
    """A function that makes a project of the files and nothing else."""
    return made_fresh


@pytest.fixture(scope="module")
def shop(stood_in, made_shop) -> Path:
    """A project with a model and a sealed forecast; tests leave it as it is."""
    return made_shop


@pytest.fixture
def new_project(fresh, shop):
    """A function that makes a project whose data and cards are there already: nothing in them names a folder."""

    def make() -> Path:
        folder = fresh()
        for name in ("data", "cache"):
            shutil.copytree(shop / name, folder / name)
        return folder

    return make
