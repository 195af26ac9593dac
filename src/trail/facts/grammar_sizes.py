"""Numbers in a clause: sizes of a move, what it moved from, what it is compared with, levels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from trail.facts.grammar_clause import Clause
from trail.facts.grammar_frame import Frame, subject_window, window_meant
from trail.facts.grammar_tokens import Token

_GAINS = frozenset({"gained", "added", "gaining", "adding", "gains"})
_NOUNS = frozenset({"gain", "rise", "increase", "fall", "drop", "loss", "decrease", "decline"})
_BETWEEN = frozenset({"EV", "US", "IN", "COP", "ADJ", "EVV", "TIMES", "OF", "AT"})
_PARTS = frozenset({"percent", "ratio", "fraction"})
_TIMES = frozenset({"at", "back", "ago", "year", "span"})


def number(clause: Clause, frame: Frame, k: int, role: str) -> None:
    """Takes a number as a size, an origin, a standard or a level."""
    token, tokens = clause.tokens[k], clause.tokens
    quantity, noun = token.quantity, _noun(clause, k)
    assert quantity is not None
    if quantity.form == "money" and frame.measure != "price":
        return  # "sales of $98" are no 98 orders
    if quantity.form in {"ordinal", "series"} or noun == "places" or _is_part_reached(clause, k):
        return
    if noun == "factor":
        token.quantity = quantity = replace(quantity, form="ratio")
    if noun == "times":
        tokens[k + 1].used, noun = True, "ev"
    token.noun = noun
    if _is_size(clause, frame, k, role):
        frame.sizes.append(token)
        frame.sign = frame.sign if frame.sign is not None or not quantity.sign else quantity.sign
        if noun in {"us", "ev"} and quantity.form not in _PARTS and _is_difference(clause, k):
            frame.measure = noun
    elif not _compared(clause, frame, k, role):
        _level(clause, frame, k)


def _is_size(clause: Clause, frame: Frame, k: int, role: str) -> bool:
    """Whether a number says by how much: a part, "23 more", "by 23", "rose 23"."""
    tokens, number = clause.tokens, clause.tokens[k].quantity
    assert number is not None
    before = tokens[k - 1] if k else None
    if number.form in _PARTS or _is_difference(clause, k):
        return True
    if number.sign:  # "98 (-23)", but "-23 orders came in" counts them
        ranged = any(each.kind == "RANGE" for each in tokens[:k])  # "an 80% range of -0.3 to 1"
        return number.sign > 0 or not (tokens[k].noun or ranged)
    if before is not None and before.text in _GAINS and tokens[k].noun == "ev" and _counts(clause, k):
        before.used = True  # "gained 98 orders last week" counts them
        if before in frame.moves:
            frame.moves.remove(before)
            frame.sign = None
        return False
    if before is not None and before.kind == "OF" and k > 1:
        before, role = (
            (tokens[k - 2], "") if tokens[k - 2].text in _NOUNS else (before, role)
        )  # "a gain of 23"
    moved = before is not None and before.kind == "D" and not before.more and bool(before.sign) and role == ""
    return moved or frame.again or (role == "BY" and bool(frame.moves))


def _is_part_reached(clause: Clause, k: int) -> bool:
    """Whether something moved to a percentage, as a count cannot: "orders rose to 31%", not "to 33% of its peak"."""
    moved, to = [*[None] * 2, *clause.tokens[:k]][-2:]
    number = clause.tokens[k].quantity
    reached = moved is not None and moved.kind == "D" and to is not None and to.text == "to"
    named = any(each.text in _NOUNS | {"growth"} for each in clause.tokens[: max(k - 2, 0)])
    part = number is not None and number.form == "percent"
    return reached and part and not named and clause.after(clause.tokens[k]) != "OF"


def _is_difference(clause: Clause, k: int) -> bool:
    """Whether "more" or "above" follows a number or, without a comma, its noun: "23 orders more than"."""
    following = clause.tokens[k + 1 : k + 2]
    if following and following[0].more:
        return True
    for one, two in pairwise(clause.tokens[k : k + 4]):
        if two.start - one.end > 1:
            return False
        if two.more or (two.kind == "CMP" and two.sign):
            return one is not clause.tokens[k]
        if two.kind not in {"EV", "US", "ADJ"}:
            return False
    return False


def _counts(clause: Clause, k: int) -> bool:
    """Whether "gained 98 orders" counts a window and compares with none."""
    timed = any(t.when and t.when.kind in {"at", "ago", "back"} for t in clause.tokens)
    return timed and not clause.whens("per") and not any(t.kind == "CMP" for t in clause.tokens[k + 1 :])


def _compared(clause: Clause, frame: Frame, k: int, role: str) -> bool:
    """Takes a number said of what the subject moved from or is compared with; whether it was one."""
    token, owner = clause.tokens[k], _owner(clause, k)
    window = window_meant(clause, owner, subject_window(clause, frame)) if owner is not None else None
    moved = bool(frame.moves) or any(t.kind == "TO" for t in clause.tokens)
    if role == "FROM" and token.noun in {"", frame.measure} and moved:
        frame.origin = (token, window)
    elif role == "CMP":
        if window is not None and frame.base is None:
            frame.base = window
        frame.base_value = token
    elif (
        owner is not None
        and frame.base is not None
        and owner is clause.tokens[k - 1]
        and owner in frame.taken
    ):
        frame.base_value = token  # "more than last week's 98"
        return True
    else:
        return False
    if owner is not None and window is not None and not owner.used and owner not in frame.taken:
        frame.take(owner)
    return True


def _level(clause: Clause, frame: Frame, k: int) -> None:
    """Takes a number as the subject's level, at its own time if it has one."""
    tokens, token = clause.tokens, clause.tokens[k]
    head = tokens[k - 2] if k > 1 and tokens[k - 1].kind in {"OF", "AT"} else None
    if head is not None and head.kind in {"MEAN", "PEAK"} and head.noun:
        frame.levels.append((token, head.noun))  # "its mean of 75"
        return
    owner = _owner(clause, k)
    window = window_meant(clause, owner) if owner is not None and not owner.used else None
    if owner is not None and window is not None:
        if frame.when is None and owner.when and owner.when.kind != "back":
            frame.when = window
        frame.take(owner)
    frame.levels.append((token, window))


def _owner(clause: Clause, k: int) -> Token | None:
    """Returns the time that belongs to the number at a place: owning it, or right after its noun."""
    tokens = clause.tokens
    before = tokens[k - 1] if k else None
    if before is not None and before.when is not None and before.when.possessive:
        return before
    at = k + 1
    while at < len(tokens) and tokens[at].kind in _BETWEEN:
        at += 1
    after = tokens[at] if at < len(tokens) else None
    if after is None or after.used or after.when is None or after.when.kind not in _TIMES:
        return None
    owns_next = after.when.possessive and at + 1 < len(tokens) and tokens[at + 1].kind == "Q"
    return None if owns_next else after


def _noun(clause: Clause, k: int) -> str:
    """Returns what the number at a place counts: ev, us, places, times, or factor ("three times its mean")."""
    tokens = clause.tokens
    for token in tokens[k + 1 : k + 4]:
        if token.kind in {"EV", "US", "PLACES"}:
            return {"EV": "ev", "US": "us", "PLACES": "places"}[token.kind]
        if token.kind == "TIMES":
            following = tokens[k + 2 : k + 4]
            named = any(t.kind in {"MEAN", "PEAK", "HIGH"} or t.text.startswith("as ") for t in following)
            owned = any(t.when and t.when.possessive for t in following)
            return "times" if any(t.kind == "EVV" for t in tokens) and not named and not owned else "factor"
        if token.kind != "ADJ" and not token.more:
            return ""
    return ""
