"""The sentences of the historical trend, one `Wording` a signal."""

from __future__ import annotations

from trail.signals.core import Wording

COUNT = Wording(
    prompt="{value} {ago}",
    say=(
        "it had {value} {ago}",
        "it got {value} {ago}",
        "it drew {value} {ago}",
        "it received {value} {ago}",
    ),
    held_out=("it recorded {value} {ago}", "it attracted {value} {ago}"),
)
#: The last window may speak for the level of an item.
LAST_COUNT = Wording(prompt=COUNT.prompt, say=COUNT.say, held_out=COUNT.held_out, voice=5, raises=0)


def mean(windows: int, voice: int, *, core: bool = False) -> Wording:
    """Returns the wording of a mean over the last windows; never used where the log covers fewer."""
    span = f"the last {{span:{windows}}} {{windows}}"
    return Wording(
        prompt=f"mean of {{span:{windows}}} {{windows}} {{value:bare}}",
        say=(
            f"it averaged {{value}} a {{window}} over {span}",
            f"its average over {span} is {{value}} a {{window}}",
            f"over {span} it had {{value}} a {{window}} on average",
            f"the mean of {span} is {{value}} a {{window}}",
        ),
        held_out=(
            f"on average it drew {{value}} a {{window}} over {span}",
            f"its mean over {span} was {{value}} a {{window}}",
        ),
        voice=voice,
        core=core,
    )


SLOPE = Wording(
    prompt="trend {value:signed} a {window}",
    say=(
        "{events} have been [rising|falling] by about {value:bare} a {window}",
        "its trend is [up|down] by about {value} a {window}",
        "the trend is [up|down] by about {value} a {window}",
        "{events} are [rising|falling] by about {value:bare} a {window}",
    ),
    held_out=(
        "{events} have been [climbing|dropping] by about {value:bare} a {window}",
        "the trend is [a gain|a loss] of about {value} a {window}",
    ),
    voice=6,
    raises=1,
)
PEAK_SHARE = Wording(
    prompt="{last} {value} of the highest {window} in {counted}",
    say=(
        "{last} was at {value} of its highest {window} in {counted} {windows}",
        "{ago:1} it reached {value} of its peak of the last {counted} {windows}",
        "{last} came to {value} of its peak of the last {counted} {windows}",
        "it stood at {value} of its peak of the last {counted} {windows} {ago:1}",
    ),
    held_out=(
        "{last} brought {value} of its peak of the last {counted} {windows}",
        "{last} made {value} of the peak of the last {counted} {windows}",
    ),
    voice=3,
)
PEAK_AGO = Wording(
    prompt="highest {window} in {counted} {peak} {ago}",
    say=(
        "it peaked {ago} at {peak}",
        "its peak of the last {counted} {windows} came {ago} with {peak}",
        "its highest {window} in {counted} {windows} came {ago} with {peak}",
        "it peaked at {peak} {ago}",
    ),
    held_out=(
        "its best {window} in {counted} {windows} came {ago} with {peak}",
        "the peak of its last {counted} {windows} came {ago} with {peak}",
    ),
    voice=2,
)
ACTIVE_WINDOWS = Wording(
    prompt="{events} in {value:bare} of the last {counted} {windows}",
    say=(
        "it had {events} in {value:bare} of the last {counted} {windows}",
        "it was active in {value:bare} of the last {counted} {windows}",
        "{events} came in during {value:bare} of the last {counted} {windows}",
        "it drew {events} in {value:bare} of the last {counted} {windows}",
    ),
    held_out=(
        "in {value:bare} of the last {counted} {windows} it had {events}",
        "it received {events} in {value:bare} of the last {counted} {windows}",
    ),
    voice=1,
)
AGE = Wording(
    prompt="first seen {value} ago",
    say=(
        "it was first seen {value} ago",
        "its first {event} came {value} ago",
        "it first appeared {value} ago",
        "it has been around for {value}",
    ),
    held_out=("its first {event} came in {value} ago", "the first {event} was {value} ago"),
    voice=2,
)
RECENCY = Wording(
    prompt="last seen {value} ago",
    say=(
        "its last {event} came {value} ago",
        "it was last seen {value} ago",
        "its latest {event} was {value} ago",
        "its most recent {event} came {value} ago",
    ),
    held_out=("the last {event} came in {value} ago", "its last {event} was {value} ago"),
    voice=1,
)
RANK = Wording(
    prompt="ranked {value}",
    say=(
        "it ranked {value} in the catalogue {ago:1}",
        "{ago:1} it ranked {value} in the catalogue",
        "it stood {value} in the catalogue {ago:1}",
        "it was {value} in the catalogue {ago:1}",
    ),
    held_out=(
        "its rank in the catalogue was {value} {ago:1}",
        "it placed {value} in the catalogue {ago:1}",
    ),
    voice=4,
    core=True,
)
SHARE = Wording(
    prompt="{value} of all {events}",
    say=(
        "it took {value} of all {events} {ago:1}",
        "{ago:1} it took {value} of all {events}",
        "it had {value} of all {events} {ago:1}",
        "its share of all {events} was {value} {ago:1}",
    ),
    held_out=(
        "it accounted for {value} of all {events} {ago:1}",
        "it made up {value} of all {events} {ago:1}",
    ),
    voice=3,
)
CATEGORY_RANK = Wording(
    prompt="ranked {value} in its category",
    say=(
        "it ranked {value} in its category {ago:1}",
        "{ago:1} it ranked {value} in its category",
        "it stood {value} in its category {ago:1}",
        "it was {value} in its category {ago:1}",
    ),
    held_out=("its rank in its category was {value} {ago:1}", "it placed {value} in its category {ago:1}"),
    voice=2,
)
CATEGORY_SHARE = Wording(
    prompt="{value} of its category",
    say=(
        "it took {value} of its category's {events} {ago:1}",
        "{ago:1} it took {value} of its category's {events}",
        "it had {value} of its category's {events} {ago:1}",
        "its share of its category was {value} {ago:1}",
    ),
    held_out=(
        "it accounted for {value} of its category's {events} {ago:1}",
        "it made up {value} of its category's {events} {ago:1}",
    ),
    voice=1,
    of="category_count",
)
LAST_YEAR = Wording(
    prompt="same {window} last year {value:bare}",
    say=(
        "the same {window} last year brought {value}",
        "in the same {window} last year it had {value}",
        "it drew {value} in the same {window} last year",
        "the same {window} last year saw {value}",
    ),
    held_out=(
        "it received {value} in the same {window} last year",
        "the same {window} a year ago brought {value}",
    ),
    voice=1,
    core=True,
)
LAST_YEAR_CHANGE = Wording(
    prompt="at this point last year {value:signed}",
    say=(
        "at this point last year its {events} [rose|fell] {value}",
        "its {events} [rose|fell] {value} at this point last year",
        "at this point last year its {events} went [up|down] {value}",
        "its {events} were [up|down] {value} at this point last year",
    ),
    flat=(
        "at this point last year its {events} stayed level",
        "its {events} stayed level at this point last year",
    ),
    held_out=(
        "at this point last year {events} [grew|dropped] {value}",
        "at this time last year {events} [climbed|declined] {value}",
    ),
    voice=2,
    raises=1,
    of="last_year",
)
