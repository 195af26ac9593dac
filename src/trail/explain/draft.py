"""A text that the model wrote, read back: whether it may be shown, and up to where it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from trail.explain.writer import Begun
from trail.facts import Verdict, Verification, scene_for, ungrammatical, verify, wrong_sides
from trail.forecast import Told
from trail.signals import BY_NAME

_HOLDS = (Verdict.SUPPORTED, Verdict.CONTEXT)
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")
_QUOTED = re.compile(r'"[^"]*"')
_TWICE = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
#: Where a clause begins: after a mark, and after the word that joins it.
_CLAUSE = re.compile(r"(?<=[.,;:]) (?:(?:and|but|also,|plus|though|although|while|given that) )?")


@dataclass(frozen=True)
class Draft:
    """A text that the model wrote, read back.

    Attributes:
        text: The text, nothing said twice.
        read: Its claims with their verdicts.
        wrong: Where it gives a fact a side that no driver had, or is no English.
    """

    text: str
    read: Verification
    wrong: tuple[int, ...]

    @classmethod
    def of(cls, written: str, told: Told) -> Self:
        """Reads what was written about an item."""
        text = without_repeats(written, told)
        read = checked(told, text)
        wrong = wrong_sides(text, read, told.drivers) + ungrammatical(text, scene_for(told.card))
        return cls(text, read, tuple(wrong))

    @property
    def shown(self) -> bool:
        """Whether it may be shown: it holds, is English and well formed, and gives no reason a wrong side."""
        return self.read.holds and well_formed(self.text, self.read) and not self.wrong

    @property
    def worth(self) -> tuple[bool, int, int]:
        """What is better among drafts: one that may be shown, with a second reason, else one that holds longer."""
        return self.shown, min(reasons(self.read), 2) if self.shown else 0, self.holds_to

    @property
    def holds_to(self) -> int:
        """Up to where it is gone on from: the start of its first clause that does not hold.

        Of a text that holds and is still not shown it is all but the last sentence; nothing of one without the forecast.
        """
        claims = self.read.checked
        false = [*self.wrong, *(each.claim.start for each in claims if each.verdict not in _HOLDS)]
        if not false and not foretells(self.read):
            return 0
        # true, but not worth showing
        last = sum(len(sentence) + 1 for sentence in _SENTENCE.split(self.text)[:-1])
        spans = [(each.claim.start, each.claim.end) for each in claims]
        places = [
            found.end()
            for found in _CLAUSE.finditer(self.text)
            if found.end() <= min(false, default=last) and not any(a < found.end() < b for a, b in spans)
        ]
        return max(places, default=0)

    def gone_on(self, begun: Begun) -> Begun:
        """Returns what holds of it and the word that must not follow that again.

        Args:
            begun: What it had gone on from.
        """
        start, words = self.text[: self.holds_to].rstrip(), self.text[self.holds_to :].split()
        again = begun.not_on if start == begun.text else frozenset()
        return Begun(start, again | frozenset(words[:1]))


def without_repeats(text: str, told: Told) -> str:
    """Returns a text without the sentences that only say again what an earlier one said.

    Nothing else is mended: a false or undecidable sentence stays, and the text is written again.

    Args:
        text: What the model wrote.
        told: What it wrote about.
    """
    said: set[tuple[object, ...]] = set()
    kept = []
    for sentence in _SENTENCE.split(text):
        stated = set(_stated(checked(told, sentence)))
        if not stated or not stated <= said:
            kept.append(sentence)
        said |= stated
    return " ".join(kept)


def _stated(found: Verification) -> list[tuple[object, ...]]:
    return [
        (c.kind, c.signal, c.window, c.relation, c.stated) for c in (each.claim for each in found.checked)
    ]


def well_formed(text: str, found: Verification) -> bool:
    """Whether a true text is worth showing: whole sentences, nothing twice, what is expected and at least one reason.

    A reason is a supported claim about a signal; a text that only repeats the forecast explains nothing.
    """
    clean = text.endswith(".") and not _TWICE.search(
        _QUOTED.sub("", text)
    )  # a title may well say a word twice
    return clean and plainly_said(found) and foretells(found) and reasons(found) > 0


def reasons(found: Verification) -> int:
    """Returns of how many signals a text makes a claim that holds."""
    signals = {each.claim.signal for each in found.checked if each.verdict is Verdict.SUPPORTED}
    return len(signals & BY_NAME.keys())


def foretells(found: Verification) -> bool:
    """Whether a text says how many are expected."""
    return any(each.claim.signal == "expected" for each in found.checked)


def plainly_said(found: Verification) -> bool:
    """Whether no claim is made twice and nothing is given exactly and by a bound as well, as in "170, between 84 and 289"."""
    claims = _stated(found)
    said = [(c.signal, c.window, c.relation) for c in (each.claim for each in found.checked)]
    exact = {(signal, window) for signal, window, relation in said if relation == "="}
    bounded = {(signal, window) for signal, window, relation in said if relation in {">=", "<="}}
    return len(set(claims)) == len(claims) and not exact & bounded


def checked(told: Told, text: str) -> Verification:
    """Reads a text about what was told and checks every claim in it."""
    return verify(text, told.card, told.outlook)
