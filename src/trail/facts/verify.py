"""Claims x card -> verdicts: the truth of a claim is a test on the card's values."""

from __future__ import annotations

from datetime import timedelta

from trail.facts.bare import bare_claims
from trail.facts.claims import Checked, Claim, Kind, Outlook, Verdict, Verification
from trail.facts.grammar_names import Scene, lowered, parse_date, same_date, scene_of, spellings
from trail.facts.quantities import PARTS, RELATIVE, value_of
from trail.facts.read import read
from trail.signals import Card

#: The rounding rule, stated here and nowhere else. A number is true if the value lies within half a unit of the
#: last digit stated; "about" widens this to 5% of the number, "nearly" to 5% above the value, "just over" to 5%
#: below it. Level means a change under 5%, or under one event.
HEDGE = 0.05
LEVEL = 0.05
_EPSILON = 1e-9


def scene_for(card: Card) -> Scene:
    """Returns what a reader must be told to read a text about the card."""
    names = tuple(name for _, name in card.calendar.holidays)
    return scene_of(card.metadata, horizon=card.horizon, events=card.events, holidays=names)


def verify(text: str, card: Card, outlook: Outlook | None = None) -> Verification:
    """Reads a text and tests every claim on the card and the outlook.

    A name of the item that reads as a claim and stands outside quotes is one, which nothing decides.

    Args:
        text: Plain English about one item.
        card: The item's trend card.
        outlook: Its forecast; without one, claims about the forecast cannot be decided.
    """
    scene = scene_for(card)
    bare = [Claim(Kind.UNKNOWN, "", *span, stated=text[slice(*span)]) for span in bare_claims(text, scene)]
    said = [each for each in read(text, scene) if not any(_within(each, name) for name in bare)]
    claims = sorted([*said, *bare], key=lambda each: each.start) if bare else said
    return Verification(tuple(check(claim, card, outlook) for claim in claims))


def _within(claim: Claim, name: Claim) -> bool:
    return name.start <= claim.start and claim.end <= name.end


def check(claim: Claim, card: Card, outlook: Outlook | None) -> Checked:
    """Tests one claim."""
    if claim.kind is Kind.UNKNOWN:
        return Checked(
            claim, Verdict.UNVERIFIABLE, reason=f"nothing on the card decides {str(claim.stated)!r}"
        )
    if claim.kind is Kind.CONTEXT:
        return _context(claim, card)
    actual, base = _actual(claim, card, outlook)
    if actual is None:
        return Checked(claim, Verdict.UNVERIFIABLE, reason=f"{_name(claim)} is not known")
    relation, negated = claim.relation.removeprefix("not "), claim.relation.startswith("not ")
    if negated and relation in {"=", "just under", "just over"}:
        return Checked(claim, Verdict.UNVERIFIABLE, actual, "to deny one number states none")
    if relation in {"up", "down", "flat"}:
        true = _moves(relation, actual, base, relative=claim.signal in RELATIVE)
    else:
        true = within(relation, float(claim.stated or 0.0), actual, claim.step, hedged=claim.hedged)
    verdict = Verdict.SUPPORTED if true != negated else Verdict.CONTRADICTED
    return Checked(claim, verdict, actual, _reason(claim, actual))


def within(relation: str, stated: float, actual: float, step: float, *, hedged: bool) -> bool:
    """Whether a number stated is true of the actual value; a negative number is compared by its magnitude."""
    half = step / 2 + _EPSILON
    sign = -1.0 if stated < 0 else 1.0
    said, value = stated * sign, actual * sign
    slack = HEDGE * said
    if relation == "just under":
        return said - max(slack, half) - _EPSILON <= value <= said + _EPSILON
    if relation == "just over":
        return said - _EPSILON <= value <= said + max(slack, half) + _EPSILON
    if relation == "=":
        return abs(value - said) <= (max(slack, half) if hedged else half) + _EPSILON
    if relation in {">=", "<="}:
        return value >= said - half if relation == ">=" else value <= said + half
    return value > said if relation == ">" else value < said


def _actual(claim: Claim, card: Card, outlook: Outlook | None) -> tuple[float | None, float | None]:
    """Returns the value that a claim speaks of, and what it is compared with, where there is such a thing."""
    value = value_of(claim.signal, card, outlook)
    if not claim.other:
        parts = PARTS.get(claim.signal) if claim.signal != "rank_change" else None  # a rank kept is kept
        return value, value_of(parts[1], card, outlook) if parts else None
    other = value_of(claim.other, card, outlook)
    if value is None or other is None:
        return None, None
    if claim.kind is Kind.CHANGE:
        return (value / other - 1.0 if other else None), other
    return value - other, other


def _moves(relation: str, change: float, base: float | None, *, relative: bool) -> bool:
    if relation == "flat" and relative:
        return abs(change) < LEVEL
    if relation == "flat":
        return abs(change) < 1 or (base is not None and abs(change) < LEVEL * abs(base))
    return change > _EPSILON if relation == "up" else change < -_EPSILON


def _name(claim: Claim) -> str:
    return f"{claim.signal} against {claim.other}" if claim.other else claim.signal


def _reason(claim: Claim, actual: float) -> str:
    said = claim.relation if claim.stated is None else f"{claim.relation} {claim.stated:g}"
    return f"{_name(claim)} is {actual:.6g}; the text says {said}"


def _context(claim: Claim, card: Card) -> Checked:
    actual, true = _CONTEXT[claim.signal.partition("_")[0] if claim.signal[-1].isdigit() else claim.signal](
        claim, card
    )
    if actual is None:
        return Checked(claim, Verdict.UNVERIFIABLE, reason=f"{claim.signal} is not known")
    negated = claim.relation.startswith("not ")
    verdict = Verdict.CONTEXT if true and not negated else Verdict.CONTRADICTED
    return Checked(claim, verdict, actual, f"{claim.signal} is {actual}; the text says {claim.stated}")


_Found = tuple[float | str | None, bool]


def _title(claim: Claim, card: Card) -> _Found:
    own = str(card.metadata.get("title") or "")
    return own or None, lowered(str(claim.stated)) in {lowered(each) for each in spellings(own)}


def _one_of(claim: Claim, card: Card) -> _Found:
    own = str(card.metadata.get(claim.signal) or "")
    parts = {lowered(part.strip()) for part in own.split("|")} | {lowered(own)}
    if claim.signal == "categories":
        parts.add(lowered(str(card.metadata.get("category") or "")))
    return own or None, lowered(str(claim.stated)) in parts


def _price(claim: Claim, card: Card) -> _Found:
    listed, paid = card.metadata.get("price"), card.values.get("price_paid")
    paid = None if claim.signal == "list_price" else paid
    known = [float(str(each)) for each in (listed, paid) if each is not None]
    true = any(within("=", float(claim.stated or 0), each, claim.step, hedged=claim.hedged) for each in known)
    return (known[0] if known else None), true


def _release(claim: Claim, card: Card) -> _Found:
    own = card.metadata.get("release")
    return (str(own), same_date(parse_date(str(claim.stated)), own)) if own is not None else (None, False)  # type: ignore[arg-type]


def _date(claim: Claim, card: Card) -> _Found:
    role, _, ago = claim.signal.partition("_")
    start, end = card.horizon.window(card.cutoff, int(ago))
    last = end - timedelta(microseconds=1)
    said = parse_date(str(claim.stated))
    day = start.date() if role == "start" else last.date()
    return str(day), same_date(said, day)


def _holiday(claim: Claim, card: Card) -> _Found:
    name, _, day = str(claim.stated).partition("|")
    inside = [(own, when) for when, own in card.calendar.holidays if lowered(name) == lowered(own)]
    true = any(not day or same_date(parse_date(day), when) for _, when in inside)
    return "; ".join(f"{own} {when}" for when, own in card.calendar.holidays) or "no holiday", true


def _calendar(claim: Claim, card: Card) -> _Found:
    actual = card.values.get(claim.signal)
    actual = card.calendar.numbers[claim.signal] if actual is None else actual
    return actual, abs(actual - float(claim.stated or 0)) < 0.5  # noqa: PLR2004 - whole days


_CONTEXT = {
    "title": _title, "categories": _one_of, "brand": _one_of, "price": _price, "list_price": _price, "release": _release, "start": _date,
    "end": _date, "holiday": _holiday, "holidays_inside": _calendar, "days_to_holiday": _calendar,
}  # fmt: skip
