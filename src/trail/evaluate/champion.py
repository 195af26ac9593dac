"""Who is to be served: chosen on validation only, with the margin that the test then showed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Self

from trail.evaluate.ablations import ABLATIONS
from trail.evaluate.methods import HEADLINE, Method, against, label, losses, methods, refitted
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.significance import Comparison

#: Name of the file beside a report that says who is to be served.
CHAMPION = "champion.json"


@dataclass(frozen=True)
class OwnValidation:
    """What ours measured on validation origins of its own, for a backtest that tries it on test only.

    Attributes:
        loss: Mean joint loss of ours.
        prior: The best baseline there, which ours corrects.
        prior_loss: Its mean joint loss on the same origins.
        error: Standard error of the difference; NaN where it is not known.
        origins: Number of origins.
        kept: Share of its correction that they left it, 0 to 1; at 0 ours is its prior.
    """

    loss: float
    prior: str
    prior_loss: float
    error: float
    origins: int
    kept: float

    @property
    def gained(self) -> bool:
        """Whether ours is better by more than one standard error: the same origins also decided what it kept."""
        return self.prior_loss - self.loss > self.error

    @classmethod
    def mean(cls, seeds: Sequence[Self]) -> Self:
        """Returns the mean of runs that differ in the seed, 1 or more; they share their origins, so errors stay."""
        loss, prior, error, kept = (
            fmean(getattr(each, name) for each in seeds) for name in ("loss", "prior_loss", "error", "kept")
        )
        return cls(loss, seeds[0].prior, prior, error, seeds[0].origins, kept)


@dataclass(frozen=True)
class Champion:
    """The forecaster to serve.

    Attributes:
        method: Name and refit; null where nothing was tried on validation origins.
        basis: On what the choice rests, in words.
        against: Its strongest rival: the best baseline where ours won, ours where it lost, else the second.
        margins: The champion less its rival on test, one a headline metric; empty without a rival.
    """

    method: Method | None
    basis: str
    against: Method | None = None
    margins: tuple[Comparison, ...] = ()

    def as_dict(self, task: str, model: str, data: str = "") -> dict[str, Any]:
        """Returns what the file says.

        Args:
            task: Fingerprint of the task.
            model: Name of the model that was tried; empty without one.
            data: Fingerprint of the events and the catalogue; empty where the caller has none.
        """
        return {
            "forecaster": self.method and self.method[0],
            "refit": self.method and self.method[1],
            "basis": self.basis,
            "words": list(spoken(self)),
            "against": self.against and {"forecaster": self.against[0], "refit": self.against[1]},
            "margins": [finite(asdict(each)) | {"winner": each.winner} for each in self.margins],
            "task": task,
            "model": model,
            "data": data,
        }


def crown(
    rows: Sequence[Row], *, ours: str | None, own: OwnValidation | None = None, reigning: str = ""
) -> Champion:
    """Chooses the champion by joint loss on validation, and measures its margin on test.

    Ours that measured itself wins where it gained more than one standard error on its own prior, and more than that beyond
    what the best baseline gains on this prior on the backtest's validation origins: those may be other weeks, whose losses
    are higher or lower for all.

    Args:
        rows: Rows of one task.
        ours: The forecaster that has to justify itself.
        own: What it measured itself; used where no validation row is about it.
        reigning: The champion until now, whom only a backtest that tried it too may follow; empty without one.
    """
    if reigning and all(row.forecaster != reigning for row in rows):
        return Champion(None, f"{reigning}, the champion until now, was not tried")
    tried = losses(rows, "validation")
    mine = next((method for method in methods(rows) if method[0] == ours), None)
    baselines = sorted(
        (method for method in refitted(tried) if method[0] not in (ours, *ABLATIONS)), key=tried.__getitem__
    )
    method, rival, basis = _choice(tried, mine, baselines, own)
    on_test = methods(row for row in rows if row.split == "test")
    margins = (
        tuple(against(rows, method, rival, metric) for metric in HEADLINE)
        if method in on_test and rival in on_test and method and rival
        else ()
    )
    return Champion(method, basis, rival, margins)


def _choice(
    tried: Mapping[Method, float],
    mine: Method | None,
    baselines: Sequence[Method],
    own: OwnValidation | None,
) -> tuple[Method | None, Method | None, str]:
    """Returns champion, rival and basis."""
    best = baselines[0] if baselines else None
    if mine and mine in tried:
        won = best is None or tried[mine] < tried[best]
        words = ", ".join(f"{label(each)} {tried[each]:.4f}" for each in (mine, best) if each)
        basis = f"by joint loss on the validation origins of this backtest ({words})"
        return (mine, best, basis) if won else (best, mine, basis)
    if mine and own:
        best = best or (own.prior, "every")
        basis = (
            f"by joint loss on {own.origins or 'the'} validation origins of the training of {label(mine)} "
            f"({own.loss:.4f}, its prior {own.prior} {own.prior_loss:.4f}), where a gain counts above one "
            f"standard error ({_error(own.error)}), for it was tuned on them"
        )
        prior = (own.prior, "every")
        if best in tried and prior in tried:
            basis += f"; on those of this backtest {label(best)} has {tried[best]:.4f}"
            basis += f" and that prior {tried[prior]:.4f}" if best != prior else ""
            ahead = own.prior_loss - own.loss - (tried[prior] - tried[best])
        else:
            ahead = tried.get(best, own.prior_loss) - own.loss
        won = own.gained and ahead > own.error
        return (mine, best, basis) if won else (best, mine, basis)
    if best is None:
        return None, None, "nothing was tried on validation origins"
    second = mine or next(iter(baselines[1:]), None)
    basis = f"by joint loss on validation origins, of {len(baselines)} baselines"
    return best, second, f"{basis}; {label(mine)} was not tried there" if mine else basis


def _error(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "which one origin does not tell"


def spoken(champion: Champion) -> tuple[str, ...]:
    """Returns the champion in words: who, on what basis, by what margin, and whether the test objects."""
    if champion.method is None:
        return (f"No champion: {champion.basis}.",)
    name = label(champion.method)
    lines = [f"Champion, to be served: {name}, chosen {champion.basis}."]
    if champion.margins:
        parts = "; ".join(_margin(each) for each in champion.margins)
        lines.append(f"Its margin over {champion.margins[0].b} on test: {parts}.")
    lost = [each for each in champion.margins if each.winner == each.b]
    if lost:
        where = " and ".join(METRICS[each.metric].label for each in lost)
        lines.append(
            f"The test objects: {lost[0].b} is better in {where}; weigh that before you serve {name}."
        )
    return tuple(lines)


def _margin(found: Comparison) -> str:
    if found.same:
        return f"{METRICS[found.metric].label} none, the same at all {found.origins} origins"
    word = "better" if found.gain >= 0 else "worse"
    gain = "" if math.isnan(found.gain) else f" ({abs(found.gain):.1f}% {word})"
    return (
        f"{METRICS[found.metric].label} {found.difference:+.4f}{gain}, t {found.t_low:+.4f} to {found.t_high:+.4f}, "
        f"Wilcoxon p = {found.wilcoxon:.3f}, {'level' if found.winner is None else found.winner + ' wins'}"
    )


def finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values with null where a number is not finite, which JSON cannot say, however deep it stands."""
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return finite(value)
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
