"""What the scan of a clause collects, and the window that a time token means in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from trail.facts.grammar_clause import Clause
from trail.facts.grammar_tokens import Token
from trail.signals import WINDOWS

#: A window (1 is the last, 0 the one predicted), "year", "year_before", or a quantity's own name.
Window = int | str | None


@dataclass
class Frame:
    """What the scan of a clause has collected.

    Attributes:
        measure: What is counted: ev, us, cat, all, price, rank, catrank.
        when: The subject's window, null if unsaid.
        head: A subject that is a quantity of its own: mean_4, peak_12.
        taken: Tokens that the frame's claims will use up.
        levels: Numbers stated of the subject, each with a quantity of its own or an empty name.
        sizes: Sizes of the move.
        origin: The number moved from, with its window.
        base: What the subject is compared with.
        base_value: The number stated of that.
        sign: Direction: 1, -1, 0 or null.
        moves: The tokens that say so.
        degree: An adverb of degree.
        factor: Whether a part is a factor ("82% of its peak") and no change.
        again: Whether the clause gives the size of the last move once more.
    """

    measure: str
    when: Window = None
    head: str = ""
    taken: list[Token] = field(default_factory=list)
    levels: list[tuple[Token, Window]] = field(default_factory=list)
    sizes: list[Token] = field(default_factory=list)
    origin: tuple[Token, Window] | None = None
    base: Window = None
    base_value: Token | None = None
    sign: int | None = None
    moves: list[Token] = field(default_factory=list)
    degree: Token | None = None
    factor: bool = False
    again: bool = False

    @property
    def is_factor(self) -> bool:
        """Whether the last size is a factor that waits for its base: "twice", "half"."""
        last = self.sizes[-1].quantity if self.sizes and not self.moves else None
        return last is not None and last.form in {"ratio", "fraction"}

    def take(self, token: Token) -> None:
        """Uses up a time that a number or the subject has claimed."""
        token.used = True
        self.taken.append(token)


def subject_window(clause: Clause, frame: Frame) -> int | str:
    """Returns the subject's window; unsaid it is the one predicted or the last one."""
    if frame.when is not None:
        return frame.when
    if clause.mind.year and any(t.text.endswith(" it") for t in clause.whens("back")):
        return "year"  # "... last year, a quarter more than the week before it"
    if clause.opener == "with" and clause.mind.measure == "peak" and _is_count(clause):
        return clause.mind.window  # "its peak came four weeks ago with 120"
    ago = clause.mind.elsewhere or 0
    goes_on = clause.opener == "with" or [t.kind for t in clause.tokens[:1]] == [
        "FROM"
    ]  # "1,234 in total, from 51 customers"
    if ago and (goes_on or (frame.measure == "us" and ago > 0)):
        return ago
    if clause.opener == "when" and clause.mind.base and not clause.mind.future:
        return clause.mind.base  # "as three weeks ago, when it had 81"
    return 0 if clause.mind.future else 1


def _is_count(clause: Clause) -> bool:
    """Whether a clause of the past is a count alone."""
    kinds = sorted(token.kind for token in clause.tokens)
    return not clause.mind.future and kinds in (["Q"], ["EV", "Q"])


def window_meant(clause: Clause, token: Token, subject: Window = None) -> Window:
    """Returns the window a time token means, null if no card has it; `subject` is what "before" refers to."""
    when = token.when
    assert when is not None
    if when.relation not in {"=", "~"}:
        return None  # "more than two weeks ago"
    if when.kind == "back":
        return _back(clause, int(when.n), subject)
    here = 0 if clause.mind.future else 1
    meant: dict[str, Window] = {
        "at": int(when.n),
        "year": "year",
        "the": here,
        "ago": int(when.n) if 1 <= when.n <= WINDOWS else None,
        "span": f"sum_{int(when.n)}" if when.n > 1 else 1,
    }
    return meant.get(when.kind)


def _back(clause: Clause, windows: int, subject: Window) -> Window:
    """Returns the window before the subject's, or before the one last named."""
    if subject == "year":
        return "year_before"
    if not clause.mind.mentioned and subject is None and windows > 1:
        return windows
    return (subject if isinstance(subject, int) else clause.mind.window) + windows
