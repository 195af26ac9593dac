"""The vocabulary of the reader: directions, nouns, verbs and the harmless words, as data."""

from __future__ import annotations

import re
from functools import lru_cache

#: Words of number below a hundred.
UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
TENTHS = [
    "twentieth",
    "thirtieth",
    "fortieth",
    "fiftieth",
    "sixtieth",
    "seventieth",
    "eightieth",
    "ninetieth",
]

#: Sign -> (past forms, other forms) of words that move.
MOVES: dict[int, tuple[str, str]] = {
    1: (
        "rose risen climbed grew grown gained increased jumped surged soared advanced leapt leaped rallied improved "
        "strengthened expanded spiked added picked-up went-up gone-up moved-up edged-up crept-up",
        "up rise rises rising climb climbs climbing grow grows growing gain gains gaining increase increases "
        "increasing jump jumps jumping surge surges surging advance growth upward upwards uptick upturn "
        "go-up goes-up going-up move-up pick-up picking-up adding upwardly improve improvement",
    ),
    -1: (
        "fell fallen dropped declined decreased slipped slid sank sunk shrank shrunk lost dipped eased slumped "
        "plunged tumbled weakened cooled faded retreated went-down gone-down moved-down edged-down",
        "down fall falls falling drop drops dropping decline declines declining decrease decreases decreasing slip "
        "slips slipping slide slides sliding shrink shrinks shrinking lose loses losing dip dips loss losses "
        "downward downwards downturn go-down goes-down going-down move-down easing ease fading fade",
    ),
    0: (
        "held stayed-flat held-steady stayed-level levelled-off leveled-off stayed-the-same was-unchanged stagnated",
        "flat steady unchanged level stable constant sideways no-change little-changed the-same hold hold-steady "
        "stay-flat stay-level stay-the-same as-many as-much similar did-not-change didn't-change did-not-move not-changed has-not-changed kept keeps kept-its keeps-its on-par",
    ),
}
COMPARATIVES = {
    "more": 1,
    "higher": 1,
    "greater": 1,
    "larger": 1,
    "extra": 1,
    "additional": 1,
    "dearer": 1,
    "fewer": -1,
    "less": -1,
    "lower": -1,
    "smaller": -1,
    "cheaper": -1,
}
#: Prepositions of comparison with a sign of their own.
SIGNED = {
    "above": 1,
    "ahead of": 1,
    "exceeds": 1,
    "exceeding": 1,
    "exceeded": 1,
    "beats": 1,
    "beat": 1,
    "beating": 1,
    "over and above": 1,
    "in excess of": 1,
    "better than": 1,
    "below": -1,
    "under": -1,
    "behind": -1,
    "short of": -1,
    "beneath": -1,
    "in line with": 0,
    "level with": 0,
    "on a par with": 0,
    "equal to": 0,
    "the same as": 0,
    "similar to": 0,
}
NEUTRAL = (
    "than",
    "than before",
    "against",
    "versus",
    "vs",
    "vs.",
    "compared with",
    "compared to",
    "relative to",
    "in comparison with",
    "in contrast to",
    "on",
    "over",
    "as in",
    "as",
)
#: How strong a vague adverb makes a move: relation and relative size.
DEGREES = {
    "slightly": ("<=", 0.10),
    "a little": ("<=", 0.10),
    "modestly": ("<=", 0.10),
    "a touch": ("<=", 0.10),
    "marginally": ("<=", 0.10),
    "sharply": (">=", 0.20),
    "strongly": (">=", 0.20),
    "steeply": (">=", 0.20),
    "markedly": (">=", 0.20),
    "a lot": (">=", 0.20),
    "far": (">=", 0.20),
    "much": (">=", 0.20),
    "well": (">=", 0.20),
}
HEDGES = {
    "~": (
        "about",
        "around",
        "roughly",
        "approximately",
        "approx.",
        "approx",
        "some",
        "circa",
        "close to",
        "near",
        "in the region of",
        "or so",
        "~",
        "≈",
        "an estimated",
    ),
    "just under": (
        "nearly",
        "almost",
        "just under",
        "just below",
        "a little under",
        "a little below",
        "slightly under",
        "slightly below",
        "slightly less than",
        "a little less than",
        "just short of",
        "not quite",
    ),
    "just over": (
        "just over",
        "just above",
        "a little over",
        "a little above",
        "slightly over",
        "slightly above",
        "slightly more than",
        "a little more than",
    ),
    ">=": ("at least", "no fewer than", "no less than", "not less than", "not fewer than", "a minimum of"),
    "<=": ("at most", "no more than", "not more than", "a maximum of", "at the most"),
    ">": ("more than", "over", "above", "upwards of", "in excess of", "greater than", "higher than"),
    "<": ("fewer than", "less than", "under", "below", "lower than", "short of"),
}
EVENT_NOUNS = [
    "events",
    "orders",
    "sales",
    "purchases",
    "ratings",
    "reviews",
    "stars",
    "views",
    "plays",
    "units",
    "interactions",
    "listens",
    "streams",
    "clicks",
    "downloads",
    "bookings",
    "rentals",
    "lines",
    "watches",
    "items-sold",
    "copies",
    "votes",
    "demand",
]
EVENT_VERBS = [
    "sold",
    "ordered",
    "bought",
    "purchased",
    "rated",
    "reviewed",
    "viewed",
    "starred",
    "played",
    "streamed",
    "downloaded",
    "watched",
    "booked",
    "sell",
    "sells",
    "selling",
    "clicked",
]
USER_NOUNS = [
    "customers",
    "users",
    "buyers",
    "viewers",
    "people",
    "shoppers",
    "raters",
    "reviewers",
    "households",
    "readers",
    "listeners",
    "players",
    "visitors",
    "accounts",
    "subscribers",
    "persons",
    "stargazers",
    "members",
    "individuals",
    "purchasers",
    "consumers",
    "guests",
]
USER_SINGULAR = {"people": "person", "persons": "person"}

#: Fixed phrases -> type of token. Longest first when lexed.
PHRASES: dict[str, str] = {}


def _add(kind: str, phrases: str) -> None:
    PHRASES.update({phrase.strip(): kind for phrase in phrases.split("|")})


_add(
    "EVERYITEM",
    "whole catalogue|entire catalogue|catalogue as a whole|full catalogue|catalogue overall|all items",
)
_add(
    "ALL",
    "catalogue|catalog|shop|store|range as a whole|market|assortment|all products|all titles|every item",
)
_add("ALL", "all items together|the rest of the catalogue|site|platform|overall market")
_add("ALLEV", "all")
_add(
    "CAT", "category|categories|genre|department|category as a whole|whole category|category overall|segment"
)
_add("MEAN", "mean|average|averages|averaged|averaging|norm|on average|avg")
_add(
    "PEAK",
    "peak|peaks|peaked|high|highest|best|record|strongest|maximum|max|busiest|high point|high-water mark",
)
_add("LOWEST", "lowest|worst|weakest|minimum|low|trough|quietest")
_add("SHARE", "share|shares|part|portion|fraction|proportion")
_add(
    "SHAREV", "accounts for|accounted for|made up|makes up|made|takes|took|represents|represented|contributed"
)
_add(
    "SHAREV",
    "was responsible for|is responsible for|placed|generated|captured|holds|held a|makes|accounting for",
)
_add("SHAREV", "making up|responsible for|behind for")
_add("CHANCE", "chance|chances|probability|odds|likelihood|a probability of|probable")
_add("LIKELY", "likely|probably|more likely than not")
_add("UNLIKELY", "unlikely|probably not|not likely")
_add(
    "RANGE",
    "range|interval|prediction interval|forecast range|span|confidence interval|band|prediction range",
)
_add("RANGE", "credible interval|uncertainty range|likely range")
_add("RANGEG", "confidence|certainty|likely between|percentile|cases|times out of ten|prediction")
_add("LOW", "as low as|as few as|low end|lower end|lower bound|low case|at the low end|bottom of the range")
_add(
    "HIGH", "as high as|as many as|high end|upper end|upper bound|high case|at the high end|top of the range"
)
_add("RANK", "rank|ranks|ranked|ranking|ranked at|position|place|placed at|standing|spot|number|no.|#")
_add("PLACES", "places|positions|ranks higher|spots|ranks|rungs|notches")
_add(
    "TOPWORD",
    "top of|the top of|first in|best-selling item|best seller|bestseller|most popular|the leader of|leads",
)
_add("TOPWORD", "at the top of|tops|topped|best-selling|top-selling|most popular item|heads|led")
_add(
    "HEAVYWORD", "heaviest|biggest|largest|single largest|single biggest|single heaviest|most active|keenest"
)
_add("HEAVYWORD", "top|one|single|a single|any one|any single|leading|busiest single")
_add("PRICE", "price|prices|cost")
_add(
    "PAID",
    "price paid|prices paid|paid price|average price|mean price|unit price|average price paid|selling price",
)
_add(
    "PAID",
    "mean price paid|average unit price|mean unit price|actual price|buyers paid|customers paid|paid|paying",
)
_add("PAID", "average selling price|transaction price|sold at|selling at|customers pay|buyers pay|pay")
_add(
    "LISTED",
    "list price|listed price|catalogue price|priced at|costs|costing|retails at|listed at|priced|retail price",
)
_add(
    "TOTAL",
    "so far|in total|in all|to date|all told|altogether|ever|since launch|lifetime|since it first appeared",
)
_add(
    "TOTAL",
    "total|totals|in its lifetime|all-time|since release|since its release|up to now|until now|overall total",
)
_add(
    "TOTAL",
    "since its first order|since its first sale|cumulative|cumulatively|over its lifetime|totalling|totaling",
)
_add(
    "FIRST",
    "first seen|first sold|first ordered|first appeared|first bought|first rated|first viewed|first played",
)
_add(
    "FIRST",
    "first listed|first recorded|first starred|first reviewed|appeared first|first order|first sale|first event",
)
_add(
    "FIRST",
    "first rating|first purchase|first review|first view|first star|on sale for|on sale|in the log|known",
)
_add(
    "FIRST",
    "made its first appearance|debuted|debut|first showed up|been around|arrived|sold for the first time",
)
_add("FIRST", "first interaction|first download|first play|been on sale|appeared|old|history|first came in")
_add(
    "LASTSEEN", "last seen|last sold|last ordered|last bought|last rated|last viewed|last played|last starred"
)
_add(
    "LASTSEEN",
    "last reviewed|last order|latest order|most recent order|last sale|latest sale|most recent sale",
)
_add(
    "LASTSEEN",
    "last event|latest event|most recent event|last rating|latest rating|most recent rating|last review",
)
_add(
    "LASTSEEN",
    "last purchase|latest purchase|most recent purchase|last star|last view|most recent view|last came in",
)
_add(
    "LASTSEEN",
    "last interaction|latest interaction|most recent interaction|last play|last download|most recent star",
)
_add(
    "LASTSEEN", "most recent review|most recently sold|most recently ordered|most recently bought|latest star"
)
_add(
    "RELEASE",
    "released|release|release date|came out|launched|launch|out for|been out|was out|published|premiered",
)
_add("RELEASE", "comes out|came to market|hit the market|due out|is released|will be released|releases")
_add(
    "ROW",
    "in a row|running|straight|consecutive|consecutively|successive|on the trot|back to back|in succession",
)
_add("ROW", "without a break|uninterrupted")
_add("STREAK", "streak|run")
_add("TREND", "trend|trends|trending|slope|pace|trajectory|underlying trend|trend line|six-week trend")
_add("FASTER", "faster|quicker|more quickly|more strongly|stronger|faster growth")
_add("SLOWER", "slower|more slowly|less quickly|weaker")
_add(
    "ACCEL",
    "accelerated|accelerating|accelerates|speeding up|sped up|gathering pace|picking up pace|gathered pace",
)
_add(
    "DECEL",
    "slowed|slowing|slowing down|slowed down|decelerated|decelerating|losing pace|lost pace|tailing off",
)
_add(
    "FUT",
    "expected|expect|expects|expecting|forecast|forecasts|forecasted|forecasting|predict|predicts|predicted",
)
_add(
    "FUT",
    "projected|projection|project|projects|should|will|would|set to|looks set|look set|anticipated|anticipate",
)
_add(
    "FUT",
    "anticipates|estimate|estimated|estimates|outlook|point to|points to|on course|is due to|looking ahead",
)
_add(
    "FUT",
    "we see|foresee|foresees|foreseen|point forecast|central estimate|best guess|could|may|might|can|'ll",
)
_add("FUTG", "model|trail|prediction|likeliest|median|central|most likely")
_add("AHEAD", "away|from now|to go|ahead of us")
_add(
    "FUTG",
    "entering|enter|landing|finishing|being among|making it into|be in|place among|end up|break into|breaking into",
)
_add("ACTIVE", "active|with orders|has orders in|activity|had activity|non-zero|at least one")
_add("ADJ", "different|distinct|unique|individual|separate")
_add("TIMES", "times|time|-fold|fold")
_add(
    "NEG",
    "not|no|didn't|did not|does not|doesn't|isn't|is not|wasn't|was not|weren't|never|neither|nor|without|hardly",
)
_add(
    "NEG",
    "hasn't|haven't|hadn't|won't|will not|cannot|can't|no longer|don't|failed to|fails to|barely|couldn't|aren't",
)
_add("G", "not only|no doubt")
_add("NONE", "none|nothing|nobody|no-one|no one")
_add("FROM", "from")
_add("TO", "to|reached|reaching|hit|hitting|reach|towards|reaches")
_add(
    "AT",
    "at|stood at|stands at|came to|comes to|amounted to|amounts to|amounting to|stand at|:|=|came in at|ran at",
)
_add("BY", "by|of about")
_add("OF", "of|'s|’s|in its|within|out of")
_add("IN", "in|during|for|across|through|throughout|inside|among|amongst|between")
_add(
    "BREAK",
    "and|but|while|whereas|though|although|which|with|after|following|when|where|yet|however|then|who",
)
_add(
    "BREAK",
    "because|since|so|given|even though|even as|as well as|plus|still|just as|whose|meanwhile|what is more",
)
_add(
    "CAUSE",
    "because of|thanks to|due to|owing to|driven by|as a result of|helped by|lifted by|on the back of",
)
_add(
    "CAUSE",
    "boosted by|pushed by|pulled down by|supported by|held back by|fuelled by|fueled by|led by|because",
)
_add(
    "HOLIDAYWORD",
    "holiday|holidays|public holiday|public holidays|bank holiday|next holiday|celebration|observance",
)
_add("BRANDWORD", "brand|maker|manufacturer|director|author|label|publisher|owner")
_add("ITEMWORD", "item|product|title|film|movie|book|repository|article|song|game|record itself|line")
_add(
    "COP",
    "is|was|were|are|be|been|being|remains|remained|stays|stayed|stay|remain|it's|that's|'re|they're|there's",
)
_add("PREDICTED", "period predicted|predicted period|forecast period|period forecast|period ahead")
_add("RATE", "rate|growth rate")
_add("MOSTOF", "most")

#: Words that carry no fact.
GLUE = frozenset(
    [
        "a",
        "an",
        "the",
        "its",
        "it",
        "it's",
        "this",
        "that",
        "these",
        "those",
        "they",
        "them",
        "their",
        "there",
        "here",
        "he",
        "she",
        "his",
        "her",
        "we",
        "our",
        "us",
        "you",
        "your",
        "i",
        "has",
        "had",
        "have",
        "having",
        "do",
        "does",
        "did",
        "done",
        "as",
        "if",
        "such",
        "also",
        "only",
        "already",
        "too",
        "again",
        "just",
        "even",
        "alone",
        "both",
        "all-in",
        "itself",
        "themselves",
        "one's",
        "what",
        "how",
        "much",
        "many",
        "very",
        "quite",
        "rather",
        "about",
        "now",
        "currently",
        "today",
        "overall",
        "brought",
        "bring",
        "brings",
        "saw",
        "see",
        "sees",
        "seen",
        "seeing",
        "got",
        "get",
        "gets",
        "drew",
        "draw",
        "draws",
        "taken",
        "take",
        "takes",
        "recorded",
        "records",
        "received",
        "receives",
        "receive",
        "attracted",
        "attracts",
        "counted",
        "counts",
        "count",
        "registered",
        "logged",
        "collected",
        "earned",
        "came",
        "come",
        "comes",
        "coming",
        "went",
        "goes",
        "go",
        "going",
        "moved",
        "moves",
        "made-it",
        "put",
        "puts",
        "gives",
        "gave",
        "give",
        "leaves",
        "left",
        "left-it",
        "shows",
        "show",
        "showed",
        "showing",
        "means",
        "mean-that",
        "says",
        "say",
        "said",
        "tells",
        "running-at",
        "sits",
        "sat",
        "stands",
        "stood",
        "stand",
        "found",
        "finds",
        "lies",
        "lay",
        "falls-in",
        "includes",
        "include",
        "including",
        "contains",
        "contain",
        "covers",
        "covering",
        "starts",
        "starting",
        "start",
        "begins",
        "beginning",
        "ends",
        "ending",
        "end",
        "first-of",
        "whole",
        "entire",
        "full",
        "complete",
        "same-as",
        "per-se",
        "respectively",
        "alike",
        "each",
        "every",
        "any",
        "both",
        "own",
        "other",
        "others",
        "instead",
        "however",
        "therefore",
        "thus",
        "hence",
        "indeed",
        "overall",
        "meanwhile",
        "total-of",
        "number-of",
        "figure",
        "figures",
        "reading",
        "number",
        "numbers",
        "tally",
        "count",
        "level-of",
        "volume",
        "value",
        "values",
        "day's",
        "week's",
        "month's",
        "bring",
        "bringing",
        "seen",
        "totalled",
        "having-been",
        "was-at",
        "sign",
        "reason",
        "reasons",
        "why",
        "because-of",
        "support",
        "supports",
        "supporting",
        "supported",
        "explains",
        "explain",
        "behind-it",
        "back",
        "up-on",
        "based",
        "basis",
        "rests",
        "together",
        "put",
        "most-recently",
        "recent",
        "recently",
        "latest",
        "long",
        "so-called",
        "per-week",
        "main",
        "mainly",
        "chiefly",
        "signals",
        "signal",
        "evidence",
        "data",
        "log",
        "history-of",
        "card",
        "facts",
        "fact",
        "note",
        "noting",
        "point",
        "points",
        "view",
        "keep",
        "keeping",
        "remains",
        "comparison",
        "change",
        "changes",
        "changed",
        "changing",
        "compared",
        "compare",
        "compares",
        "corresponding",
        "equivalent",
        "that-is",
        "i.e.",
        "namely",
        "e.g.",
        "strong-est",
        "around-it",
        "on-it",
        "onto",
        "into",
        "upon",
        "toward",
        "off",
        "out",
        "back",
        "within-it",
        "happened",
        "happens",
        "occurred",
        "terms",
        "term",
        "picture",
        "story",
        "result",
        "results",
        "meaning",
        "making",
        "leaving",
        "bringing",
        "giving",
        "taking",
        "showing",
        "putting",
        "being",
        "or",
    ]
)


@lru_cache(maxsize=1)
def moves() -> dict[str, tuple[int, bool]]:
    """Returns every word that moves -> (sign, whether it is a past form)."""
    found: dict[str, tuple[int, bool]] = {}
    for sign, (past, other) in MOVES.items():
        found |= {word.replace("-", " "): (sign, False) for word in other.split()}
        found |= {word.replace("-", " "): (sign, True) for word in past.split()}
    return found


def alternatives(phrases: object) -> str:
    """Returns a regular expression for any of the phrases, the longest first."""
    ordered = sorted(set(phrases), key=lambda each: (-len(each), each))  # type: ignore[call-overload]
    return "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in ordered)
