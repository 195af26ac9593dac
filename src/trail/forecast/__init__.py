"""The TRAIL forecaster, its shortlist and its training."""

from trail.baselines.occlusion import Effects, effects, neutral_values, occlude
from trail.forecast.lessons import Told, held_out, lesson, story, tell
from trail.forecast.shortlist import shortlist
from trail.forecast.storage import load, model_card, save
from trail.forecast.trail import TrailForecaster
from trail.forecast.training import train
from trail.forecast.untuned import Untuned

__all__ = [
    "Effects",
    "Told",
    "TrailForecaster",
    "Untuned",
    "effects",
    "held_out",
    "lesson",
    "load",
    "model_card",
    "neutral_values",
    "occlude",
    "save",
    "shortlist",
    "story",
    "tell",
    "train",
]
