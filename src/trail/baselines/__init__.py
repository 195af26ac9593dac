"""The Forecaster protocol and every forecaster without a language model."""

from collections.abc import Callable, Mapping

from trail.baselines.accuracy import ndcg, relative_loss, wape
from trail.baselines.blend import Blend
from trail.baselines.boosted import LightGBMTweedie
from trail.baselines.chance import p_top
from trail.baselines.formulas import Decayed, LastWindow, WindowedMean
from trail.baselines.pare import PARE
from trail.baselines.point import PointForecaster
from trail.baselines.prior import Choice, Trial, choose_prior, out_of_fold
from trail.baselines.protocol import Forecast, Forecaster
from trail.baselines.scope import active
from trail.baselines.season import SeasonalNaive
from trail.baselines.spread import Spread

#: Name -> a call that makes the unfitted forecaster.
BASELINES: Mapping[str, Callable[[], PointForecaster]] = {
    "last_window": LastWindow,
    "windowed_mean": WindowedMean,
    "decayed": Decayed,
    "seasonal_naive": SeasonalNaive,
    "lightgbm": LightGBMTweedie,
    "blend": Blend,
}

__all__ = [
    "BASELINES",
    "PARE",
    "Blend",
    "Choice",
    "Decayed",
    "Forecast",
    "Forecaster",
    "LastWindow",
    "LightGBMTweedie",
    "PointForecaster",
    "SeasonalNaive",
    "Spread",
    "Trial",
    "WindowedMean",
    "active",
    "choose_prior",
    "ndcg",
    "out_of_fold",
    "p_top",
    "relative_loss",
    "wape",
]
