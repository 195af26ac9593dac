"""The sentences of momentum, price, release and calendar, one `Wording` a signal."""

from __future__ import annotations

from trail.signals.core import Wording

CHANGE = Wording(
    prompt="{value:signed} on {before}",
    say=(
        "{events} [rose|fell] by {value:bare} on {before}",
        "it had {value:more} than {before}",
        "{last} brought {value:more} than {before}",
        "it [gained|lost] {value} on {before}",
    ),
    flat=(
        "{events} were level with {before}",
        "{events} stayed level on {before}",
        "{events} did not change on {before}",
    ),
    held_out=(
        "{events} [climbed|dropped] by {value:bare} on {before}",
        "{last} was [up|down] {value} on {before}",
    ),
    voice=7,
    raises=1,
    core=True,
)
GROWTH = Wording(
    prompt="{value:signed} on {before}",
    say=(
        "{events} [rose|fell] {value} on {before}",
        "{events} were [up|down] {value} on {before}",
        "{last} brought {value} [more|fewer] {events} than {before}",
        "{events} {times} {ago:1}",
        "{events} were {value} [above|below] {before}",
    ),
    flat=CHANGE.flat,
    held_out=(
        "{events} [climbed|dropped] {value} on {before}",
        "{events} were {value} [higher|lower] than {before}",
    ),
    voice=8,
    raises=1,
    of="count_1",
    core=True,
)
STREAK = Wording(
    prompt="{value} of [rises|falls] in a row",
    say=(
        "{events} have [risen|fallen] {value} in a row",
        "{last} brought the {nth} [rise|fall] in a row",
        "{events} have gone [up|down] {value} in a row",
        "{last} was the {nth} [rise|fall] in a row",
    ),
    held_out=(
        "{events} have [increased|decreased] {value} in a row",
        "this is the {nth} [increase|decrease] in a row",
    ),
    voice=5,
    raises=1,
    least=2,
)
LATE = Wording(
    prompt="last {late_days} days {value:bare}",
    say=(
        "the last {late_days} days brought {value:bare} of the {window}'s {count_1}",
        "{value:bare} of the {window}'s {count_1} came in the last {late_days} days",
        "the last {late_days} days had {value:bare} of the {window}'s {count_1}",
        "its last {late_days} days brought {value:bare} of the {window}'s {count_1}",
    ),
    held_out=(
        "the last {late_days} days saw {value:bare} of the {window}'s {count_1}",
        "of the {window}'s {count_1}, {value:bare} came in the last {late_days} days",
    ),
)
LATE_SHARE = Wording(
    prompt="last {late_days} days {value} of the {window}",
    say=(
        "the last {late_days} days brought {value} of the {window}'s {events}",
        "{value} of the {window}'s {events} came in the last {late_days} days",
        "the last {late_days} days had {value} of the {window}'s {events}",
        "{value} of {last}'s {events} came in its last {late_days} days",
    ),
    held_out=(
        "the last {late_days} days saw {value} of the {window}'s {events}",
        "the last {late_days} days made up {value} of the {window}'s {events}",
    ),
    voice=4,
    raises=1,
    of="count_1",
    least=0.1,
)
RANK_CHANGE = Wording(
    prompt="{value:signed} in rank",
    say=(
        "it [climbed|dropped] {value} in the catalogue",
        "it moved [up|down] {value} in the catalogue",
        "it went [up|down] {value} in the catalogue {ago:1}",
        "it [gained|lost] {value} in the catalogue {ago:1}",
    ),
    flat=("it kept its rank in the catalogue", "its rank in the catalogue did not change"),
    held_out=(
        "it [rose|fell] {value} in the catalogue",
        "its rank in the catalogue went [up|down] by {value}",
    ),
    voice=3,
    raises=1,
    core=True,
)
USERS = Wording(
    prompt="{value}",
    say=(
        "it had {value:different} {ago:1}",
        "its {events} came from {value:different} {ago:1}",
        "it reached {value:different} {ago:1}",
        "it drew {value:different} {ago:1}",
    ),
    held_out=("{last}'s {events} came from {value:different}", "{ago:1} it attracted {value:different}"),
    voice=2,
    least=1,
    core=True,
    of_people=True,
)
USERS_CHANGE = Wording(
    prompt="{value:signed} {people} on {before}",
    say=(
        "it had {value:more} than {before}",
        "{last} brought {value:more} than {before}",
        "it reached {value:more} than {before}",
        "it [gained|lost] {value} on {before}",
    ),
    flat=("the number of {people} stayed level on {before}",),
    held_out=(
        "it attracted {value:more} than {before}",
        "the number of {people} [rose|fell] by {value:bare} on {before}",
    ),
    voice=3,
    raises=1,
    of_people=True,
)
HEAVIEST_SHARE = Wording(
    prompt="heaviest {person} {value}",
    say=(
        "one {person} made {value} of {last}'s {events}",
        "{value} of {last}'s {events} came from one {person}",
        "the heaviest {person} made {value} of {last}'s {events}",
        "a single {person} made {value} of {last}'s {events}",
    ),
    held_out=(
        "the heaviest {person} accounted for {value} of {last}'s {events}",
        "one {person} was behind {value} of {last}'s {events}",
    ),
    voice=1,
    of="count_1",
)
CATEGORY_GROWTH = Wording(
    prompt="category {value:signed} on {before}",
    say=(
        "its category [rose|fell] {value} on {before}",
        "its category was [up|down] {value} on {before}",
        "{events} in its category [rose|fell] {value} on {before}",
        "its category as a whole was [up|down] {value} on {before}",
    ),
    flat=("its category stayed level on {before}",),
    held_out=(
        "its category [grew|shrank] {value} on {before}",
        "its category as a whole [climbed|dropped] {value} on {before}",
    ),
    voice=2,
    raises=1,
    of="category_count",
)
CATALOGUE_GROWTH = Wording(
    prompt="whole catalogue {value:signed} on {before}",
    say=(
        "the whole catalogue [rose|fell] {value} on {before}",
        "the whole catalogue was [up|down] {value} on {before}",
        "{events} in the whole catalogue [rose|fell] {value} on {before}",
        "the catalogue as a whole was [up|down] {value} on {before}",
    ),
    flat=("the whole catalogue stayed level on {before}",),
    held_out=(
        "the whole catalogue [grew|shrank] {value} on {before}",
        "the catalogue as a whole [climbed|dropped] {value} on {before}",
    ),
    voice=1,
    raises=1,
)
PRICE_PAID = Wording(
    prompt="price paid {value}",
    say=(
        "the average price paid was {value} {ago:1}",
        "{ago:1} the average price paid was {value}",
        "the mean price paid was {value} {ago:1}",
        "the price paid was {value} on average {ago:1}",
    ),
    held_out=(
        "the price paid averaged {value} {ago:1}",
        "{ago:1} the price paid averaged {value}",
    ),
    voice=1,
)
PRICE_CHANGE = Wording(
    prompt="price paid {value:signed}",
    say=(
        "the price paid [rose|fell] {value}",
        "the price paid was [up|down] {value}",
        "the price paid went [up|down] {value}",
        "the average price paid [rose|fell] {value}",
    ),
    flat=("the price paid did not change", "the price paid stayed level"),
    held_out=("the price paid [climbed|dropped] {value}", "the price paid [increased|decreased] by {value}"),
    voice=2,
)
RELEASE_AGE = Wording(
    prompt="[released {value} ago|released in {value}]",
    say=(
        "it [was released {value} ago|will be released in {value}]",
        "it [came out {value} ago|comes out in {value}]",
        "its release [was {value} ago|is {value} away]",
        "it [has been out for {value}|is due out in {value}]",
    ),
    held_out=(
        "its release [came {value} ago|comes in {value}]",
        "the release [was {value} ago|comes in {value}]",
    ),
    voice=3,
)
HOLIDAYS_INSIDE = Wording(
    say=(
        "{next} includes {holiday}",
        "the {window} predicted includes {holiday}",
        "the period predicted includes {holiday}",
        "{holiday} is in the {window} predicted",
    ),
    held_out=("{next} contains {holiday}", "the {window} predicted contains {holiday}"),
    voice=2,
)
SEASON_OF_YEAR = Wording(
    say=(
        "{next} starts on {start}",
        "the {window} predicted starts on {start}",
        "the period predicted starts on {start}",
        "the {window} predicted begins on {start}",
    ),
    held_out=("{next} begins on {start}", "the period predicted begins on {start}"),
    voice=1,
)
