"""The words that the mutator turns round, and what it puts instead."""

from __future__ import annotations

from collections.abc import Mapping

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
HOLIDAYS = (
    "Christmas Day", "New Year's Day", "Halloween", "Thanksgiving", "Easter Monday", "Valentine's Day", "Labor Day",
    "Columbus Day", "Juneteenth", "Independence Day", "Memorial Day", "Veterans Day", "Boxing Day",
)  # fmt: skip
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NTH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
TURNS = (
    ("rose", "fell"), ("risen", "fallen"), ("rising", "falling"), ("rise", "fall"), ("climbed", "dropped"),
    ("climbing", "dropping"), ("climb", "drop"), ("grew", "shrank"), ("grow", "shrink"), ("gained", "lost"),
    ("gaining", "losing"), ("gain", "loss"), ("increased", "decreased"), ("increase", "decrease"), ("up", "down"),
    ("above", "below"), ("higher", "lower"), ("highest", "lowest"), ("best", "worst"), ("faster", "slower"),
    ("more", "fewer"), ("peak", "low"), ("heaviest", "lightest"), ("jumped", "slumped"), ("stronger", "weaker"),
    ("doubled", "halved"), ("beat", "missed"), ("peaked", "bottomed out"), ("most", "fewest"),
)  # fmt: skip
TURNED = dict(TURNS) | {two: one for one, two in TURNS} | {
    "level": "down", "flat": "up", "steady": "up", "unchanged": "higher", "slipped": "climbed", "grown": "shrunk",
    "declined": "climbed", "tripled": "halved", "less": "more", "slid": "climbed", "increases": "decreases",
}  # fmt: skip
#: Phrases of time -> what stands there instead; {unit} is the noun, {s} its plural ending.
TIMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"the same (?P<unit>week|period|day|month) (?:last year|a year ago)", ("the same {unit} two years ago", "last month")),
    (r"(?:this|the same) (?:point|time) last year", ("this point two years ago", "this point last month")),
    (r"(?:in )?the last (?P<unit>day)(?! of)", ("two days ago", "last month", "next {unit}")),
    (r"last (?P<unit>week|period|day|month)(?='s)", ("last year", "next {unit}")),
    (r"last (?P<unit>week|period|month)(?!')", ("two {unit}s ago", "last year", "next {unit}", "six {unit}s ago")),
    (r"the (?P<unit>week|period|day|month) before(?! last)", ("three {unit}s ago", "the same {unit} last year", "the year before")),
    (r"(?:the )?(?:next|coming) (?P<unit>week|period|day|month)", ("last {unit}", "next year", "in two {unit}s")),
    (r"the last (?P<n>\w+) days", ("the first {n} days", "the last {n} hours")),
    (r"the last (?P<n>\w+) (?P<unit>week|period|month)s", ("the first {n} {unit}s", "the last {n} years", "the next {n} {unit}s")),
    (r"(?<=\d )(?P<unit>day|week|period|month)(?P<s>s?)(?! before)", ("year{s}", "hour{s}")),
    (r"(?<=\d )an? (?P<unit>week|day|period|month)(?! ago)", ("a year", "an hour")),
    (r"(?<=s )an? (?P<unit>week|day|period|month)(?! ago)", ("a year", "an hour")),
    (r"the (?P<unit>week|day|period|month)(?='s)", ("the year", "the hour")),
)  # fmt: skip
DENIALS: Mapping[str, str] = {
    "is": "is not", "was": "was not", "were": "were not", "has": "does not have", "have": "have not", "had": "did not have",
    "should": "should not", "will": "will not", "are": "are not", "has been": "has not been", "expect": "do not expect",
    "rose": "did not rise", "fell": "did not fall", "climbed": "did not climb", "dropped": "did not drop",
    "grew": "did not grow", "shrank": "did not shrink", "gained": "did not gain", "lost": "did not lose",
    "brought": "did not bring", "drew": "did not draw", "got": "did not get", "received": "did not receive",
    "reached": "did not reach", "attracted": "did not attract", "recorded": "did not record", "took": "did not take",
    "made": "did not make", "stood": "did not stand", "placed": "did not place", "ranked": "did not rank",
    "came": "did not come", "averaged": "did not average", "peaked": "did not peak", "went": "did not go",
    "moved": "did not move", "kept": "did not keep", "stayed": "did not stay", "increased": "did not increase",
    "ranks": "does not rank", "comes": "does not come", "includes": "does not include", "starts": "does not start",
    "sold": "did not sell", "begins": "does not begin", "contains": "does not contain", "puts": "does not put",
}  # fmt: skip
ADMITTED: Mapping[str, str] = {
    "did not change": "changed", "did not fall": "fell", "did not rise": "rose", "not ": "", "no ": "some ",
    "nothing": "something", "none": "some",
}  # fmt: skip
#: Times that no window is, put behind a sentence or where its own time stood; {day} and {month} are drawn.
MOMENTS = (
    "on Monday", "on {day}", "in {month}", "since Monday", "since {day}", "by {day}", "until {day}", "over the weekend",
    "at the weekend", "at the start of the week", "at the beginning of {month}", "in the middle of the week", "today",
    "this morning", "overnight", "on Friday evening", "within an hour", "in a single afternoon", "during the holidays",
    "from Tuesday to Thursday", "between Monday and Friday", "in the first half of the week", "early in the week", "this month",
    "in the spring", "before {day}", "after {day}", "on the first day", "midweek", "at noon", "on Tuesdays", "in {month} 2010",
)  # fmt: skip
#: What nobody can know of a card, put behind a sentence.
ADDED = (
    ", and they are running out", ", and it beat the forecast", ", more than forecast", ", as predicted", ", as expected",
    ", exceeding expectations", ", and it missed the forecast", ", above the forecast", ", in line with the forecast",
    ", and stock is low", ", and customers love it", ", and it is back", ", and it is on sale", ", and it shows",
    ", thanks to a promotion", ", because of the weather", ", and it sold out", ", outperforming what was predicted",
    ", and they are gone", ", and they keep coming back", ", and it is going fast", ", and that is not all", ", on target",
    ", ahead of plan", ", and it is here to stay", ", and we have it", ", a must-have", ", and people found it", ", which says it all",
    ", and it is now complete", ", so we are out", ", which is why they have it", ", and there are few left", ", as we said",
    ", and it got them all", ", and it has been going on", " at a good price", " in our Berlin store", " from happy people",
)  # fmt: skip
#: The same in front of it.
BEFORE = (
    "they are running out, and ", "it is back, and ", "as predicted, ", "as forecast, ", "it beat the forecast, and ",
    "it is out, but ", "we have it, and ", "people got it, and ", "above the forecast, ", "they are here, and ",
)  # fmt: skip
