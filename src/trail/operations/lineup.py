"""What a backtest tries beside the model, by names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from trail.baselines import BASELINES, LINE_UP, Forecaster, draws, seeded
from trail.errors import ConfigError
from trail.evaluate.ablations import VARIANTS

#: Stands for nothing.
NONE = "none"
#: The backbone as it came, asked for a number.
UNTUNED = "untuned"
#: Names that stand for several.
GROUPS: Mapping[str, Callable[[], Iterable[str]]] = {
    "baselines": lambda: BASELINES,
    "all": lambda: LINE_UP,
    "ablations": lambda: VARIANTS,
}


@dataclass(frozen=True)
class LineUp:
    """What is tried beside the model, each part in the order of its list.

    Attributes:
        baselines: Forecasters without a language model.
        ablations: Ablations of ours that are models of their own.
        untuned: Whether the untuned backbone is asked for a number.
    """

    baselines: tuple[str, ...]
    ablations: tuple[str, ...] = ()
    untuned: bool = False

    def forecasters(self, seed: int, *, drawing: bool = False) -> list[Forecaster]:
        """Returns the baselines, unfitted.

        Args:
            seed: Seed of all that they draw.
            drawing: Whether those that draw nothing are left out.
        """
        made = [LINE_UP[name]() for name in self.baselines]
        return [seeded(each, seed) for each in made if draws(each) or not drawing]


def line_up(names: Sequence[str] = ()) -> LineUp:
    """Reads what is to be tried; the default baselines where nothing is named.

    Args:
        names: Names, several of them in one text apart by commas: forecasters, ablations, `untuned`, the groups
            `baselines`, `all` (without a language model) and `ablations`, or `none`.

    Raises:
        ConfigError: If a name is unknown, or `none` stands beside others.
    """
    wanted = apart(names)
    if not wanted:
        return LineUp(tuple(BASELINES))
    if NONE in wanted:
        if len(wanted) > 1:
            raise ConfigError(f"{', '.join(wanted)}", expected=f"{NONE} alone", where="--with")
        return LineUp(())
    chosen = {each for name in wanted for each in (GROUPS[name]() if name in GROUPS else (name,))}
    known = (*LINE_UP, *VARIANTS, UNTUNED)
    for name in chosen:
        if name not in known:
            raise unknown(name, (*GROUPS, NONE, *known))
    return LineUp(
        tuple(name for name in LINE_UP if name in chosen),
        tuple(name for name in VARIANTS if name in chosen),
        UNTUNED in chosen,
    )


def apart(names: Sequence[str]) -> list[str]:
    """Returns names that stand one a text, or several in one, apart by commas."""
    return [each.strip() for text in names for each in text.split(",") if each.strip()]


def unknown(name: str, known: Sequence[str]) -> ConfigError:
    """Returns what to raise for a name that nobody has: the nearest known one, or all of them.

    Args:
        name: What was asked for with `--with`.
        known: Every name that may be.
    """
    close = get_close_matches(name, known, n=1)
    expected = f"{close[0]!r}?" if close else f"some of {', '.join(known)}"
    return ConfigError(f"the name {name!r}", expected=expected, where="--with")
