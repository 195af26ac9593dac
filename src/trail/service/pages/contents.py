"""What the pages say, as values: a template shows one of them, and the page's JSON twin is the very same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trail.service.wire import Detail, Difference, Hits, Text, Wire


class About(Wire):
    """What a list is, in words.

    Attributes:
        what: What is predicted, of how many items, for which period.
        made: From what was known when, and who made the first number.
        right: What came of the latest snapshot whose period is over; empty without a scorecard.
        over: That the period predicted is over; empty while it is not.
        runs: What only whoever runs the server can use: when it was made, by whom and why, the next command in backquotes.
    """

    what: str
    made: str
    right: str
    over: str
    runs: list[str]


class Listed(Wire):
    """A list.

    Attributes:
        about: What it is.
        hits: Its rows.
        texts: Item -> its sealed text, of the rows that have one.
    """

    about: About
    hits: Hits
    texts: dict[str, Text]


class ItemShown(Wire):
    """An item's page.

    Attributes:
        detail: All about it.
        noun: Word for one window.
        model: Whether a model can write its text.
    """

    detail: Detail
    noun: str
    model: bool


class Moved(Wire):
    """Who moved between two snapshots, and in the top of how many."""

    difference: Difference
    top: int


class Standing(Wire):
    """A project on the front page.

    Attributes:
        name: Its name.
        snapshot: The snapshot that is served; empty without one.
        about: What it is; null without one.
        refused: Why a newer one is not served.
    """

    name: str
    snapshot: str
    about: About | None
    refused: str


class Front(Wire):
    """What is served here."""

    projects: list[Standing]


class Scored(Wire):
    """The scorecard as `trail scorecard` wrote it."""

    scorecard: dict[str, Any]


class Backtested(Wire):
    """The latest backtest.

    Attributes:
        name: The report's folder.
        title: Its heading.
        written: When.
        verdict: What it says, in sentences.
        champion: Who is to be served, in sentences.
        lines: Methods with their means on test, active items, lowest joint loss first.
        page: Whether its own page is there.
    """

    name: str
    title: str
    written: datetime
    verdict: list[str]
    champion: list[str]
    lines: list[dict[str, Any]]
    page: bool


class SourceRead(Wire):
    """A source of events or items: where, how many rows were read and kept, and why others were refused."""

    location: str
    role: str
    rows: int
    kept: int
    refused: dict[str, int]


class RowRefused(Wire):
    """A row that was refused: where it stands and why; what it says may be about users, and stays in `rejected.csv`."""

    role: str
    file: str
    row: str
    reason: str


class DataRead(Wire):
    """The log and the catalogue as they were read last.

    Attributes:
        read: When.
        newest: Time of the newest event kept; null where the log's file does not say.
        newest_ago: How long ago that was, in words; empty without it.
        events: Events kept.
        items: Items in the catalogue.
        added: Items that only the log knows.
        refused: Reason -> rows, over all sources.
        sources: One a source.
        examples: The first rows refused.
    """

    read: datetime
    newest: datetime | None
    newest_ago: str
    events: int
    items: int
    added: int
    refused: dict[str, int]
    sources: list[SourceRead]
    examples: list[RowRefused]


class ModelHeld(Wire):
    """A trained model: what it knows up to when, when it was finished, whether the served snapshot is its."""

    name: str
    until: datetime
    created: datetime
    serves: bool


class SnapshotHeld(Wire):
    """A sealed snapshot."""

    name: str
    cutoff: datetime
    created: datetime
    items: int
    forecaster: str
    seal: str
    published: bool


class StepTold(Wire):
    """A step of a nightly run.

    Attributes:
        name: Its name.
        status: What became of it.
        words: What was done, or why nothing was, or what went wrong.
    """

    name: str
    status: str
    words: str


class NightRun(Wire):
    """The last `trail run` that could read the sources.

    Attributes:
        begun: When it began.
        ended: When it ended; null while it works, or where it was killed.
        steps: Those that were tried, in their order.
    """

    begun: datetime
    ended: datetime | None
    steps: list[StepTold]


class Health(Wire):
    """How a project's data, models and snapshots stand.

    Attributes:
        asked: When this was looked up.
        warnings: What somebody should look at, in sentences.
        mirror: Whether all of this was pulled out of a database: logs and models are elsewhere then.
        run: The last nightly run; null where there was none.
        data: What was read; null where nothing was.
        models: Trained models, the latest first.
        champion: Who is to be served, in sentences; empty without a backtest.
        snapshots: The latest first.
        refused: Why a newer snapshot is not served; empty if none was refused.
    """

    asked: datetime
    warnings: list[str]
    mirror: bool
    run: NightRun | None
    data: DataRead | None
    models: list[ModelHeld]
    champion: list[str]
    snapshots: list[SnapshotHeld]
    refused: str
