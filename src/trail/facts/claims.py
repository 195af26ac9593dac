"""What a text says, as values: claims, their evidence, their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of statement a claim is."""

    VALUE = "value"  # a number in the signal's own unit: "98 orders last week", "ranked 5th"
    DIRECTION = "direction"  # up, down or level, without a size: "orders rose"
    CHANGE = "change"  # a relative size: "up 31%", "doubled", "fell by half"
    COMPARISON = "comparison"  # one quantity against another: "above its four-week mean"
    FORECAST = "forecast"  # about the forecast itself: expected, range, chance of the top K, rank
    CONTEXT = "context"  # what the item is, what the date means
    UNKNOWN = "unknown"  # says something that nothing on the card can decide


class Verdict(StrEnum):
    """What the card says of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNVERIFIABLE = "unverifiable"
    CONTEXT = "context"


@dataclass(frozen=True)
class Claim:
    """One statement read from a text.

    Attributes:
        kind: What sort of statement it is.
        signal: Name of the signal, of the outlook's field or of a quantity made of them (`facts.quantities`);
            empty if none was recognised.
        window: Windows ago, where the statement names one.
        relation: `=`, `>`, `<`, `>=`, `<=`, `just under`, `just over`, `up`, `down`, `flat`, `not ...`: what is
            said of the signal. Of a signed size it speaks of the magnitude: a fall of more than 30% is `>` -0.3.
        stated: The number or word stated, in the signal's unit; null where none is.
        hedged: Whether the text says "about", "nearly" and the like.
        start: First character in the text.
        end: Character after the last.
        other: The second quantity of a comparison.
        step: Unit of the last digit stated, in the signal's unit: 0.01 for "31%", 1 for "98".
    """

    kind: Kind
    signal: str
    start: int
    end: int
    window: int | None = None
    relation: str = "="
    stated: float | str | None = None
    hedged: bool = False
    other: str = ""
    step: float = 0.0


@dataclass(frozen=True)
class Checked:
    """A claim with what the card says of it.

    Attributes:
        claim: The statement.
        verdict: True, false or not to be decided.
        actual: The card's own value, null where there is none.
        reason: One sentence for the reader of a receipt.
    """

    claim: Claim
    verdict: Verdict
    actual: float | str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verification:
    """Every claim of a text with its verdict.

    Attributes:
        checked: Claims in the order of the text.
    """

    checked: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether the text may be shown: at least one claim supported, none contradicted or unverifiable."""
        verdicts = {each.verdict for each in self.checked}
        return Verdict.SUPPORTED in verdicts and verdicts <= {Verdict.SUPPORTED, Verdict.CONTEXT}


@dataclass(frozen=True)
class Outlook:
    """One item's forecast as texts may speak of it.

    Attributes:
        expected: Expected count.
        q10: Tenth percentile.
        q90: Ninetieth percentile.
        p_top: Chance of entering the top `k`, 0 to 1.
        k: The K of `p_top`.
        rank: Rank in this forecast, 1 is the first.
    """

    expected: float
    q10: float
    q90: float
    p_top: float
    k: int
    rank: int


@dataclass(frozen=True)
class Driver:
    """A signal that moved this score.

    Attributes:
        signal: Name of the signal that speaks for its group.
        effect: Change of log(1 + expected count) due to the group; positive raised it.
    """

    signal: str
    effect: float
