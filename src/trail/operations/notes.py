"""What must be said of the models that a backtest tried, and of a forecast, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from trail.baselines.scope import ABSTAINED
from trail.evaluate import OwnValidation
from trail.evaluate.ablations import ABLATIONS
from trail.project import Project

#: The ablation that measures what the titles give.
MASKED = "trail_masked"
_FULL = (
    "trail_full is trail with its whole correction, whatever validation kept of it, and with ranges as the network gives them: it "
    "shows what the correction does even where that is switched off. It is never served."
)
_REMEMBERS = (
    "The model was pre-trained on text that may have been written after this log; trail_hidden, the same network with titles "
    "hidden when it forecasts, shows beside trail_full what its correction owes to them, memory included."
)
_HIDDEN = (
    "Titles were hidden from the model, so it could not remember them from the text it was pre-trained on."
)
_MEASURED = (
    "The model was pre-trained on text that may have been written after this log; trail_masked, trained the same way "
    "without titles, measures what they give it, memory of them included."
)
_FOLDED = (
    "The catalogue was read from the log's own rows: titles, categories and release are the most frequent over the whole "
    "log, so past cutoffs may have been told words that came later."
)


def own_validation(metrics: Mapping[str, Any]) -> OwnValidation:
    """Returns what a model measured on its own validation origins, the text head beside its prior."""
    prior, (gain, error) = metrics["relative_loss"]["prior"], metrics["gain"]["text"]
    kept = metrics["shrinkage"]["text"]
    return OwnValidation(
        prior - gain if kept else prior, metrics["prior"], prior, error, metrics.get("origins", 0), kept
    )


def of_model(metrics: Mapping[str, Any], *, masked: bool, measured: bool = False) -> tuple[str, ...]:
    """Returns how a model was trained and chosen, and what its figures cannot show.

    Args:
        metrics: Its figures on validation origins.
        masked: Whether it never saw a title.
        measured: Whether its ablation without titles was measured beside it.
    """
    number = f" ({metrics['origins']})" if "origins" in metrics else ""
    chosen = (
        f"These validation origins{number} also chose the prior, the state that is served and whether the correction is kept, so "
        "figures there flatter, though each gain is judged by the state that was best on the other origins; the evidence is the test "
        "rows alone."
    )
    return (
        "The network of trail was trained once, before the first test origin; its prior was refitted at every one.",
        *on_validation(metrics, {"text": "trail", "numbers": "no_llm_head"}),
        chosen,
        _FULL,
        *of_shortlist(metrics),
        _HIDDEN if masked else _MEASURED if measured else _REMEMBERS,
    )


def of_shortlist(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns how much of what mattered the shortlist held on validation origins; nothing of a model before that was kept."""
    held = metrics.get("shortlist")
    if held is None:
        return ()
    said = (
        f"On its validation origins the shortlist of trail held {held['top']:.1%} of the true top 50 and "
        f"{held['rises']:.1%} of the 50 strongest rises; the prior forecasts the rest."
    )
    return (said,)


def on_validation(metrics: Mapping[str, Any], heads: Mapping[str, str]) -> tuple[str, ...]:
    """Returns what a model's own validation origins said of its correction.

    Args:
        metrics: Its figures there.
        heads: Which of its heads are meant -> what they are called.
    """
    prior, loss = metrics["prior"], metrics["relative_loss"]
    lines = []
    for head, words in heads.items():
        kept, (gain, error) = metrics["shrinkage"][head], metrics["gain"][head]
        if not kept:
            lines.append(
                f"Validation switched the correction of {words} off: it is its prior, {prior}; half of it had gained "
                f"{gain:+.4f}, {_standard(error)}."
            )
            continue
        lines.append(
            f"On its validation origins {words} kept {kept:.0%} of its correction of {prior}: gain {gain:+.4f}, "
            f"{_standard(error)}, of a joint loss of {loss['prior']:.4f}; {loss[head]:.4f} as it is served, which flatters."
        )
    return tuple(lines)


def of_variant(metrics: Mapping[str, Any], name: str) -> str:
    """Returns what validation said of an ablation that is a model of its own, and that its rows do not follow it."""
    gain, error = metrics["gain"]["text"]
    return (
        f"On its validation origins half of the correction of {name} gained {gain:+.4f}, {_standard(error)}, and "
        f"{metrics['shrinkage']['text']:.0%} would be kept; on test it has all of it, as trail_full has."
    )


def _standard(error: float) -> str:
    return f"standard error {error:.4f}" if isfinite(error) else "by too few origins to tell"


def of_correction(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns whether the language model corrects anything, as validation decided; nothing of a model that does not say."""
    return on_validation(metrics, {"text": "trail"}) if "shrinkage" in metrics else ()


def of_other_data(measured: str, now: str) -> tuple[str, ...]:
    """Returns that a backtest is not of these data; nothing where it is.

    Args:
        measured: Fingerprint of the events and the catalogue that it was made on; empty where it does not say.
        now: That of the project's.
    """
    if measured == now:
        return ()
    found = "other data than these, or an earlier state of them" if measured else "data that it does not name"
    return (f"That backtest measured {found}: `trail backtest` measures these.",)


def of_other_settings(measured: Mapping[str, Any], served: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns in what the settings of a served model differ from those of the model that a backtest measured."""
    names = [name for name in sorted({*measured, *served}) if measured.get(name) != served.get(name)]
    if not names:
        return ()
    parts = ", ".join(f"{name} {measured.get(name)}, here {served.get(name)}" for name in names)
    return (f"The model that was measured there had other settings: {parts}.",)


def of_seeds(said: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
    """Returns the notes of runs with several seeds: once what all of them say, the rest with its seed.

    Args:
        said: Seed -> the notes of its run, in the order of the seeds.
    """
    shared = set.intersection(*(set(lines) for lines in said.values())) if said else set()
    lines = [
        line if line in shared else f"Seed {seed}: {line}" for seed, each in said.items() for line in each
    ]
    return tuple(dict.fromkeys(lines))


def not_apart(name: str) -> str:
    """Returns why an ablation was left out: the project's settings are without that part already."""
    return f"{name} was not tried: trail itself works without {ABLATIONS[name].without} in this project."


def of_abstained(made_by: Sequence[str]) -> tuple[str, ...]:
    """Returns of how many items a forecast says that nothing is known of them; nothing where there is none.

    Args:
        made_by: The column `forecaster` of the forecast.
    """
    silent = sum(each == ABSTAINED for each in made_by)
    if not silent:
        return ()
    said = (
        f"{silent:,} of {len(made_by):,} items were abstained on: without an event, and without a word or a launch like them "
        "to go by, they got what such items came to in the past."
    )
    return (said,)


def of_untuned(asked: int, named: int) -> str:
    """Returns what the untuned backbone answered on test.

    Args:
        asked: Items it was asked about, all origins together.
        named: Those for which it named a number.
    """
    return (
        f"untuned, the backbone as it came, was asked for {asked:,} numbers and named {named:,}; where it named none, the "
        "last window's count stands in, and off the shortlist decayed counts do. It was tried on test only."
    )


def of_horizon(tried: int, served: int) -> tuple[str, ...]:
    """Returns what a champion is good for where it was chosen for another horizon; nothing for the project's own.

    Args:
        tried: Days predicted by the backtest.
        served: Days predicted by the project's forecasts.
    """
    if tried == served:
        return ()
    days = [f"{each} day{'s' * (each > 1)}" for each in (served, tried)]
    said = f"The project's horizon is {days[0]}: this champion, chosen for {days[1]} ahead, serves none of its forecasts."
    return (f"{said} For such ones a project needs `horizon_days = {tried}` in trail.toml.",)


def of_late(name: str, held_out: int, validation: int) -> tuple[str, ...]:
    """Returns what the weights of a trained model in blends rest on.

    Args:
        name: Of the model in tables.
        held_out: Validation origins that it was not trained on.
        validation: All of them.
    """
    said = (
        f"{name} was trained once, before the first test origin. Its weight in blends was chosen on the {held_out} of "
        f"{validation} validation origins whose outcomes it was not trained on; these also chose its prior, its state and "
        "whether its correction is kept, so they flatter it, and the weight may favour it. The evidence is the "
        "test rows alone."
    )
    return (said,)


def of_catalogue(project: Project) -> tuple[str, ...]:
    """Returns that titles may be later than a cutoff, where a log is its own catalogue; nothing where it is not."""
    logs, catalogues = (
        {(each.location, each.table) for each in sources} for sources in (project.events, project.items)
    )
    return (_FOLDED,) if logs & catalogues else ()
