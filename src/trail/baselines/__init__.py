"""The Forecaster protocol and every forecaster without a language model."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from trail.baselines.accuracy import mean_loss, ndcg, relative_loss, wape
from trail.baselines.blend import Blend, stack, stack_text
from trail.baselines.boosted import LightGBMLog, LightGBMTweedie
from trail.baselines.chance import p_top
from trail.baselines.conformal import Conformal
from trail.baselines.formulas import Decayed, Growth, LastWindow, WindowedMean
from trail.baselines.launched import Launch, nearest_launches
from trail.baselines.launches import Launches
from trail.baselines.pare import PARE
from trail.baselines.point import PointForecaster
from trail.baselines.prior import Choice, Fold, Trial, choose_prior, fit_at, out_of_fold
from trail.baselines.protocol import Forecast, Forecaster
from trail.baselines.ranked import LambdaRank
from trail.baselines.scope import active
from trail.baselines.season import SeasonalNaive
from trail.baselines.seeds import draws, seeded
from trail.baselines.series import TSB, AutoETS, AutoTheta, CrostonSBA
from trail.baselines.spread import Spread
from trail.baselines.text import DIMS, fit_basis
from trail.errors import ConfigError

#: Name -> a call that makes the unfitted forecaster; the cheap ones, from which the prior is chosen.
BASELINES: Mapping[str, Callable[[], PointForecaster]] = {
    "last_window": LastWindow,
    "windowed_mean": WindowedMean,
    "decayed": Decayed,
    "seasonal_naive": SeasonalNaive,
    "lightgbm": LightGBMTweedie,
    "blend": Blend,
    "stack_text": stack_text,
    "stack": stack,
}
#: Every forecaster without a language model. Those of the extra `statistics` raise a ModelError when made
#: without their library, PARE when it is fitted without torch.
LINE_UP: Mapping[str, Callable[[], PointForecaster]] = {
    **BASELINES,
    "growth": Growth,
    "croston_sba": CrostonSBA,
    "tsb": TSB,
    "auto_ets": AutoETS,
    "auto_theta": AutoTheta,
    "lambdarank": LambdaRank,
    "lightgbm_log": LightGBMLog,
    "lightgbm_median": partial(LightGBMLog, loss="l1"),
    "lightgbm_text": partial(LightGBMTweedie, text_dims=DIMS),
    "lambdarank_text": partial(LambdaRank, text_dims=DIMS),
    "launches": Launches,
    "pare": PARE,
}


def priors_of(names: Sequence[str], seed: int) -> list[PointForecaster]:
    """Returns the candidates for the prior, unfitted, all that they draw with one seed.

    Raises:
        ConfigError: If a name is none of `BASELINES`.
    """
    unknown = [name for name in names if name not in BASELINES]
    if unknown:
        raise ConfigError(
            f"the prior {unknown[0]!r}", expected=f"some of {', '.join(BASELINES)}", where="[model] priors"
        )
    return [seeded(BASELINES[name](), seed) for name in names]


__all__ = [
    "BASELINES",
    "LINE_UP",
    "PARE",
    "TSB",
    "AutoETS",
    "AutoTheta",
    "Blend",
    "Choice",
    "Conformal",
    "CrostonSBA",
    "Decayed",
    "Fold",
    "Forecast",
    "Forecaster",
    "Growth",
    "LambdaRank",
    "LastWindow",
    "Launch",
    "Launches",
    "LightGBMLog",
    "LightGBMTweedie",
    "PointForecaster",
    "SeasonalNaive",
    "Spread",
    "Trial",
    "WindowedMean",
    "active",
    "choose_prior",
    "draws",
    "fit_at",
    "fit_basis",
    "mean_loss",
    "ndcg",
    "nearest_launches",
    "out_of_fold",
    "p_top",
    "priors_of",
    "relative_loss",
    "seeded",
    "stack",
    "stack_text",
    "wape",
]
