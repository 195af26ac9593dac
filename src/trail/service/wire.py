"""What goes over the wire: typed models of their own, apart from the values inside, so that either may change alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

#: A name of a snapshot: its folder's, such as 2011-12-09.
SnapshotName = Annotated[str, Field(max_length=40, pattern=r"^[0-9T-]*$")]
#: A score beyond it has no square.
_LARGEST = 1e100
ItemId = Annotated[str, Field(min_length=1, max_length=500)]


class Wire(BaseModel):
    """A message: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Period(Wire):
    """What a snapshot is about.

    Attributes:
        snapshot: Its name.
        seal: SHA-256 over all that it says.
        cutoff: First instant not known.
        start: First day predicted.
        end: Day after the last.
        k: The K of `p_top`.
        events: What is counted, in the plural.
        items: Items forecast.
        before: Name of the snapshot that moves are counted from; empty without one.
    """

    snapshot: str
    seal: str
    cutoff: datetime
    start: date
    end: date
    k: int
    events: str
    items: int
    before: str


class Hit(Wire):
    """One item of a list.

    Attributes:
        item_id: The item.
        rank: 1 is the first.
        before: Rank in the snapshot before; null without.
        moved: Places gained since; positive is up.
        title: Its title; null without one.
        category: Its category.
        brand: Its brand.
        price: Its price in the catalogue.
        expected: Expected count.
        q10: Tenth percentile.
        q50: Median.
        q90: Ninetieth percentile.
        p_top: Chance of the top K, 0 to 1.
        prior: What the best plain forecast alone expects.
        forecaster: Who made the number.
        last: Count of the last window.
        rise: Expected less that.
        new: First event less than two windows ago, or still to come.
        counts: Counts of twelve windows, oldest first; null before the log began.
        text: Its explanation; null where none was written.
        source: `model` or `plain`; null without a text.
    """

    item_id: str
    rank: int
    before: int | None
    moved: int | None
    title: str | None
    category: str | None
    brand: str | None
    price: float | None
    expected: float
    q10: float
    q50: float
    q90: float
    p_top: float
    prior: float
    forecaster: str
    last: float
    rise: float
    new: bool
    counts: list[float | None]
    text: str | None
    source: str | None


class Hits(Wire):
    """A page of a ranked list.

    Attributes:
        period: The snapshot; every row is of this one.
        total: Items that the filters leave.
        offset: Items before the first row.
        items: The rows.
        next: Address of the next page, of the same snapshot; null on the last.
    """

    period: Period
    total: int
    offset: int
    items: list[Hit]
    next: str | None


class ClaimRead(Wire):
    """One claim of a text with its receipt.

    Attributes:
        start: First character in the text.
        end: Character after the last.
        said: These characters.
        kind: What sort of statement.
        signal: Signal or field that it speaks of; empty for context.
        meaning: What that signal is.
        stated: What is said of it.
        actual: The card's own value; null where there is none.
        from_: First moment of the window that it names; null without.
        until: Moment after it.
        verdict: supported, contradicted, unverifiable or context.
        reason: One sentence where there is something to say.
    """

    start: int
    end: int
    said: str
    kind: str
    signal: str
    meaning: str
    stated: float | str | None
    actual: float | str | None
    from_: datetime | None = Field(serialization_alias="from")
    until: datetime | None
    verdict: str
    reason: str


class DriverRead(Wire):
    """A signal that moved the forecast; a positive effect raised log(1 + expected count) by so much."""

    signal: str
    effect: float


class Text(Wire):
    """A text about an item, read back.

    Attributes:
        text: The text.
        source: `model`, `plain`, or `asked` of a text that was sent in.
        holds: Whether every claim is supported or context, and one supported at least.
        claims: Each claim, in the order of the text.
        drivers: What moved the forecast, strongest first.
        sealed: Whether the text is part of the snapshot.
        note: Why a text written on demand is plain where a model made the forecast, or names no driver; empty where nothing
            is to be said.
    """

    text: str
    source: str
    holds: bool
    claims: list[ClaimRead]
    drivers: list[DriverRead]
    sealed: bool
    note: str = ""


class Awaited(Wire):
    """A text that is not there yet, and what is being done for it."""

    state: str


class SignalValue(Wire):
    """One signal of a card.

    Attributes:
        name: The signal.
        value: Its value; null where it is empty.
        unit: What it measures.
        meaning: What it is, in one line.
    """

    name: str
    value: float | None
    unit: str
    meaning: str


class WindowCount(Wire):
    """The count of one window of history."""

    start: datetime
    end: datetime
    count: float | None


class LaunchRead(Wire):
    """A past launch whose text is like a new item's: context, no reason that was tested.

    Attributes:
        item_id: The item that was launched.
        title: Its title, or its identifier without one.
        similarity: Cosine of the two texts, above 0 and at most 1.
        start: First day of the period before which it was as new as the item is now.
        end: Day after its last.
        count: What it came to in that period.
    """

    item_id: str
    title: str
    similarity: float
    start: date
    end: date
    count: float


class Detail(Wire):
    """All about one item.

    Attributes:
        period: The snapshot.
        hit: Its row in the list.
        description: Its description in the catalogue.
        categories: All its categories.
        card: Every signal; empty where the snapshot is older than sealed cards of all items.
        history: Counts of twelve windows, oldest first.
        explanation: Its text; null where none was written yet.
        launches: Of a new item, the past launches most like it, nearest first; empty of others, beyond the first thousand
            new ones, and in older snapshots.
    """

    period: Period
    hit: Hit
    description: str | None
    categories: str | None
    card: list[SignalValue]
    history: list[WindowCount]
    explanation: Text | None
    launches: list[LaunchRead]


class TextToVerify(Wire):
    """A text about an item, to be read and tested on its card."""

    item_id: ItemId
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    at: SnapshotName = ""


class Scored(Wire):
    """An item of a client's own list; a higher score stands further up."""

    item_id: ItemId
    score: Annotated[float, Field(ge=-_LARGEST, le=_LARGEST)]


class ToRerank(Wire):
    """A personal list to be blended with the forecast.

    Attributes:
        items: The list, each item once.
        weight: Of the client's scores, 0 to 1; null for the one that `trail lists` chose on validation.
        limit: Items of the answer at most.
        at: Name of the snapshot; empty for the published one.
    """

    items: Annotated[list[Scored], Field(min_length=1, max_length=10_000)]
    weight: Annotated[float, Field(ge=0, le=1)] | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    at: SnapshotName = ""

    @field_validator("items")
    @classmethod
    def _once(cls, items: list[Scored]) -> list[Scored]:
        """Refuses a list in which an item stands twice."""
        seen: set[str] = set()
        for each in items:
            if each.item_id in seen:
                raise ValueError(f"the item {each.item_id!r} twice")
            seen.add(each.item_id)
        return items


class Blended(Wire):
    """One item of a blended list.

    Attributes:
        item_id: The item.
        score: Blend: weight x own score + (1 - weight) x log(1 + expected count), each with mean 0 and deviation 1.
        own: Place in the client's list, 1 the first.
        rank: Rank in the forecast; null where it forecasts no such item, which then counts as the lowest.
    """

    item_id: str
    score: float
    own: int
    rank: int | None


class Reranked(Wire):
    """A blended list.

    Attributes:
        period: The snapshot.
        weight: Of the client's scores.
        why: Where the weight comes from.
        items: Best first.
    """

    period: Period
    weight: float
    why: str
    items: list[Blended]


class Snapshots(Wire):
    """The snapshots of a project.

    Attributes:
        project: Its name.
        published: Name of the one that is served; empty without one.
        names: All of them, the latest first.
        refused: Why a newer one is not served; empty if none was refused.
    """

    project: str
    published: str
    names: list[str]
    refused: str


class PartRead(Wire):
    """What one cause did to an item: places gained, and what it added to the expected count."""

    name: str
    places: int
    expected: float


class MoveRead(Wire):
    """An item in two snapshots; ranks and counts are null where it stands in one of them only.

    Attributes:
        item_id: The item.
        title: Its title.
        before: Rank in the older one.
        after: Rank in the newer one.
        places: Places gained.
        expected_before: Expected count in the older one.
        expected_after: Expected count in the newer one.
        parts: What moved it, adding up to the move (where it is not forecast it counts as 0, one place behind all); empty
            where neither `trail run` nor `trail diff --why` worked it out.
    """

    item_id: str
    title: str | None
    before: int | None
    after: int | None
    places: int | None
    expected_before: float | None
    expected_after: float | None
    parts: list[PartRead]


class Difference(Wire):
    """Who moved between two snapshots.

    Attributes:
        older: Name of one.
        newer: Name of the other.
        moves: Every item in the top of either.
        note: Why no move has parts; empty where they have.
    """

    older: str
    newer: str
    moves: list[MoveRead]
    note: str


class Projects(Wire):
    """What is served here."""

    projects: list[str]


class Fault(Wire):
    """What is wrong.

    Attributes:
        code: One word for programs; it stays as it is.
        found: What was found.
        expected: What was expected; empty where that says nothing.
        fix: What to do; empty as above.
    """

    code: str
    found: str
    expected: str
    fix: str


class Refusal(Wire):
    """Every answer that is no success."""

    error: Fault


class State(Wire):
    """Health of the server."""

    status: str
    projects: dict[str, str]


class Version(Wire):
    """What runs here."""

    name: str
    version: str
    api: str
