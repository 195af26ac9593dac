"""Numbers as English writes them: digits, words, ordinals, fractions, ratios, ranges, hedges."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from trail.facts.grammar_words import HEDGES, ORDINALS, TENS, TENTHS, UNITS, alternatives

#: Atomic: digits are cut one way, or a long row of groups would be tried in every way there is.
_DIGITS = r"(?>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_ONES = "|".join(sorted(UNITS, key=len, reverse=True))
_TENS = rf"(?:(?:{'|'.join(TENS)})(?:[-\s](?:{'|'.join(UNITS[1:10])}))?|{_ONES})"
_HUNDREDS = rf"(?:(?:a|{'|'.join(UNITS[1:10])})\s+hundred(?:(?:\s+and)?\s+{_TENS})?|{_TENS})"
_WORDS = rf"(?:a|{_TENS})\s+thousand(?:,?\s+(?:and\s+)?{_HUNDREDS})?|{_HUNDREDS}|a\s+dozen"
_SCALE = r"\s?(?:k|thousand|million|m)(?![\w.])"
NUMBER = rf"(?:(?:{_DIGITS})(?:{_SCALE})?|(?:{_WORDS})(?!\w))"
_ORDINAL_WORDS = rf"(?:{'|'.join(TENS)})[-\s](?:{'|'.join(ORDINALS[1:10])})|{'|'.join(ORDINALS[1:] + TENTHS)}"
ORDINAL = rf"(?>\d{{1,3}}(?:,\d{{3}})+|\d+)(?:st|nd|rd|th)|(?:{_ORDINAL_WORDS})(?!\w)"
HEDGE = "|".join(alternatives(words) for words in HEDGES.values())
_HEDGES = {phrase: relation for relation, phrases in HEDGES.items() for phrase in phrases}
_PERCENT = r"(?:\s?%|[\s-]per\s?cent(?![a-z])(?:age\s+points?)?)"
_CURRENCY = r"[$£€]|usd\s|gbp\s|eur\s"
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10, "half": 2}
_FRACTION = r"(?:(?:a|one|two|three|four|nine)[\s-](?:third|quarter|fifth|tenth)s?|(?:a\s+|one\s+)?half)"
_NOT_PART = (
    r"(?!\w)(?!\s+(?:rise|fall|gain|drop|straight|consecutive|successive|increase|decrease|decline|week|day|month|"
    r"period|fortnight|quarter|window|in\b|place|position|rank|spot|running|day))"
)
_RATIOS = {
    "doubled": (2.0, 1), "doubles": (2.0, 1), "double": (2.0, 0), "doubling": (2.0, 1), "twice": (2.0, 0),
    "tripled": (3.0, 1), "trebled": (3.0, 1), "triple": (3.0, 0), "treble": (3.0, 0), "thrice": (3.0, 0),
    "quadrupled": (4.0, 1), "quadruple": (4.0, 0), "halved": (0.5, -1), "halve": (0.5, -1), "halving": (0.5, -1),
    "tripling": (3.0, 1), "quintupled": (5.0, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A number in a text.

    Attributes:
        value: The number; a percentage or fraction is a part of 1, a ratio the factor.
        step: Unit of the last digit stated.
        form: number, percent, fraction, ratio, money, ordinal or series.
        relation: `=`, `~` (about), `just under`, `just over`, `>`, `<`, `>=`, `<=`.
        high: The upper end of a range, else null.
        high_step: Unit of its last digit.
        series: Several numbers in the order of time ("60, then 75, then 98"), the last of them the value.
        sign: 1 or -1 when the number itself says up or down ("+31%", "doubled"), else 0.
    """

    value: float
    step: float
    form: str
    relation: str = "="
    high: float | None = None
    high_step: float = 0.0
    series: tuple[float, ...] = ()
    sign: int = 0


def plain(text: str) -> tuple[float, float]:
    """Returns the value of digits or number words, and the unit of the last digit."""
    words = text.strip().lower()
    scale = 1.0
    for suffix, factor in (("thousand", 1e3), ("million", 1e6), ("k", 1e3), ("m", 1e6)):
        if words.endswith(suffix) and words[0].isdigit():
            words, scale = words[: -len(suffix)].strip(), factor
            break
    if words[0].isdigit():
        digits = words.replace(",", "")
        decimals = len(digits.partition(".")[2])
        return float(digits) * scale, 10.0**-decimals * scale
    return _spelled(re.split(r"[\s,-]+", words)), 1.0


def _spelled(words: list[str]) -> float:
    """Returns the value of a number in words: "a hundred and ten", "one thousand two hundred and four"."""
    whole, part = 0.0, 0.0
    for word in words:
        if word == "thousand":
            whole, part = part * 1e3, 0.0
        elif word == "hundred":
            part *= 100.0
        elif word == "dozen":
            part *= 12.0
        elif word != "and":
            part += 1.0 if word == "a" else UNITS.index(word) if word in UNITS else 20 + 10 * TENS.index(word)
    return whole + part


def hedge_of(text: str | None) -> str:
    """Returns the relation that a hedge states, `=` without one."""
    return _HEDGES[re.sub(r"\s+", " ", text)] if text else "="


def _ordinal(text: str) -> float:
    words = re.sub(r"[\s-]+", " ", text.lower())
    if words[0].isdigit():
        return float(re.sub(r"[^\d]", "", words))
    tens, _, ones = words.partition(" ")
    if ones:
        return float(20 + 10 * TENS.index(tens) + ORDINALS.index(ones))
    return float(ORDINALS.index(tens) if tens in ORDINALS else 20 + 10 * TENTHS.index(tens))


_LEAD = rf"(?:(?P<hedge>{HEDGE})\s*)?(?:an?\s+(?=\d))?"
_JOIN = rf"\s*(?P<join>-|to\s+|and\s+)\s*(?:up\s+to\s+)?(?P<hi>{NUMBER})(?P<hipct>{_PERCENT})?"
_UNIT = r"(?!\s*%|[\s-](?:per\s?cent|day|week|month|period|year|window))"
#: Numbers of a series at most: a card has twelve windows, and an endless one must not be tried from each of its numbers.
_LONGEST = 12
_COMMAS = (
    rf"{NUMBER}(?:\s*,\s*(?:then\s+)?{NUMBER}){{1,{_LONGEST}}},?\s+(?:and\s+)?(?:now\s+|then\s+)?{NUMBER}"
)
_THEN = rf"{NUMBER}(?:\s*,\s*(?:and\s+)?(?:then|now)\s+{NUMBER}){{2,{_LONGEST}}}"
_SHAPES: tuple[tuple[str, str], ...] = (
    ("series", rf"(?P<series>{_COMMAS}|{_THEN}|from\s+{NUMBER}(?:\s+to\s+{NUMBER}){{2,{_LONGEST}}}){_UNIT}"),
    (
        "one_in",
        rf"{_LEAD}(?P<top>{_ONES}|\d)[\s-](?:in|out\s+of)(?:\s+every)?[\s-](?P<bottom>{NUMBER})(?!\w){_UNIT}",
    ),
    (
        "range",
        rf"{_LEAD}(?P<between>between\s+|anywhere\s+from\s+|from\s+)?(?P<lo>{NUMBER})(?P<lopct>{_PERCENT})?{_JOIN}",
    ),
    ("ratio_word", rf"{_LEAD}(?P<word>{'|'.join(_RATIOS)})(?!\w)"),
    ("factor", rf"{_LEAD}(?P<num>{NUMBER})(?:\s?x(?!\w)|-?\s?fold(?!\w))"),
    ("fold", rf"{_LEAD}(?P<num>{_WORDS})-?fold(?!\w)"),
    ("and_half", rf"{_LEAD}(?:one|1)\s+and\s+a\s+half\s+times"),
    ("percent", rf"{_LEAD}(?P<sign>[+\-])?(?P<num>{NUMBER}){_PERCENT}"),
    ("money", rf"{_LEAD}(?:{_CURRENCY})\s?(?P<num>{NUMBER})"),
    ("money_word", rf"{_LEAD}(?P<num>{NUMBER})\s+(?:dollars|pounds|euros|usd|gbp|eur)(?!\w)"),
    ("fraction", rf"{_LEAD}(?P<part>{_FRACTION}){_NOT_PART}"),
    ("ordinal", rf"{_LEAD}(?P<ord>{ORDINAL})"),
    ("numbered", rf"(?:number|no\.|no|#|nr\.?)\s*(?P<num>\d[\d,]*|{_WORDS})(?!\w|%|\.\d)"),
    ("number", rf"{_LEAD}(?P<sign>[+\-](?=\d))?(?P<num>{NUMBER})"),
)


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(shape)) for name, shape in _SHAPES)


@lru_cache(maxsize=1)
def _start() -> re.Pattern[str]:
    """Matches where a quantity can start, so that most words are not tried."""
    heads = {phrase[0] for phrase in _HEDGES} | set("abfthqd#+-$£€nuegzsotn")
    return re.compile(rf"[\d{re.escape(''.join(sorted(heads)))}]")


def quantity_at(text: str, at: int, *, ranges: bool = True) -> tuple[Quantity, int] | None:
    """Returns the quantity that starts at a position of a lower-case text and where it ends, else null.

    Args:
        text: The text, lower case.
        at: Where to look.
        ranges: Whether "24 to 40" is one range; after "from" or "rose 31%" it is not.
    """
    if not _start().match(text, at):
        return None
    for name, pattern in _compiled():
        if name == "range" and not ranges:
            continue
        match = pattern.match(text, at)
        if match and not (
            match.end() < len(text) and text[match.end()].isalnum() and text[match.end() - 1].isalnum()
        ):
            found = _build(name, match)
            if found is not None:
                return found, match.end()
    return None


def _build(name: str, match: re.Match[str]) -> Quantity | None:
    parts = match.groupdict()
    relation = hedge_of(parts.get("hedge"))
    if name in _BUILDERS:
        return _BUILDERS[name](parts, relation)
    value, step = plain(parts["num"])
    scale = 0.01 if name == "percent" else 1.0
    form = {
        "factor": "ratio",
        "fold": "ratio",
        "numbered": "ordinal",
        "number": "number",
        "percent": "percent",
    }.get(name, "money")
    sign = {"+": 1, "-": -1}.get(parts.get("sign") or "", 0)
    return Quantity(value * scale, step * scale, form, relation, sign=sign)


def _range(parts: Mapping[str, str], relation: str) -> Quantity | None:
    lead, join = parts["between"] or "", (parts["join"] or "").strip()
    if (join == "and") != lead.startswith("between") or lead.startswith("from"):
        return None  # "98 and 51" are two numbers; "from 75 to 98" is a move
    if parts["lopct"] and not parts["hipct"]:
        return None  # "rose 31% to 98"
    (low, step), (high, other) = plain(parts["lo"] or ""), plain(parts["hi"] or "")
    if high <= low:
        return None  # "ninety-nine"
    scale = 100.0 if parts["hipct"] else 1.0
    form = "percent" if parts["hipct"] else "number"
    return Quantity(low / scale, step / scale, form, relation, high=high / scale, high_step=other / scale)


def _one_in(parts: Mapping[str, str], relation: str) -> Quantity | None:
    """Returns "one in eight" as a part, rounded half the way to one in seven and one in nine."""
    top, bottom = plain(parts["top"])[0], plain(parts["bottom"])[0]
    if not 0 < top < bottom:
        return None
    return Quantity(top / bottom, top / (bottom * (bottom + 1)), "fraction", relation)


def _fraction(parts: Mapping[str, str], relation: str) -> Quantity:
    words = re.split(r"[\s-]+", parts["part"])
    bottom = _PARTS[words[-1].rstrip("s") if words[-1] != "half" else "half"]
    top = {"two": 2, "three": 3, "four": 4, "nine": 9}.get(words[0], 1)
    return Quantity(top / bottom, 0.04, "fraction", relation)


def _ratio_word(parts: Mapping[str, str], relation: str) -> Quantity:
    value, sign = _RATIOS[parts["word"]]
    return Quantity(value, 0.1, "ratio", relation, sign=sign)


def _series(parts: Mapping[str, str], _: str) -> Quantity:
    found = tuple(plain(each)[0] for each in re.findall(NUMBER, parts["series"]))
    return Quantity(found[-1], 1.0, "series", series=found)


#: Shape -> what makes its quantity of the groups and the relation.
_BUILDERS: Mapping[str, Callable[[Mapping[str, str], str], Quantity | None]] = {
    "range": _range,
    "ratio_word": _ratio_word,
    "fraction": _fraction,
    "series": _series,
    "one_in": _one_in,
    "and_half": lambda _, relation: Quantity(1.5, 0.1, "ratio", relation),
    "ordinal": lambda parts, relation: Quantity(_ordinal(parts["ord"]), 1.0, "ordinal", relation),
}
