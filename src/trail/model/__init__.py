"""Backbone, score head and explanation decoder; losses; training; checkpoints. torch lives here.

`ModelSettings`, `PACKAGED` and `packaged_file` load no torch; the rest is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trail.model.settings import PACKAGED, ModelSettings
from trail.model.weights import backbone_folder, cache_folder, packaged_file

if TYPE_CHECKING:
    from trail.model.backbone import Backbone, load_backbone, prepare_tuning
    from trail.model.decoding import continued
    from trail.model.features import INPUTS, Scale, fit_scale, raw_inputs
    from trail.model.head import Prior, correct
    from trail.model.joint import JointModel, score_states
    from trail.model.keeper import Keeper, Report, load_tuned, silent, state_hash, tuned_state
    from trail.model.slates import Slate, Visit, plan_visits

_HOMES = {
    "Backbone": "backbone",
    "load_backbone": "backbone",
    "prepare_tuning": "backbone",
    "continued": "decoding",
    "INPUTS": "features",
    "Scale": "features",
    "fit_scale": "features",
    "raw_inputs": "features",
    "Prior": "head",
    "correct": "head",
    "JointModel": "joint",
    "score_states": "joint",
    "Keeper": "keeper",
    "Report": "keeper",
    "load_tuned": "keeper",
    "silent": "keeper",
    "state_hash": "keeper",
    "tuned_state": "keeper",
    "Slate": "slates",
    "Visit": "slates",
    "plan_visits": "slates",
}

__all__ = [
    "INPUTS",
    "PACKAGED",
    "Backbone",
    "JointModel",
    "Keeper",
    "ModelSettings",
    "Prior",
    "Report",
    "Scale",
    "Slate",
    "Visit",
    "backbone_folder",
    "cache_folder",
    "continued",
    "correct",
    "fit_scale",
    "load_backbone",
    "load_tuned",
    "packaged_file",
    "plan_visits",
    "prepare_tuning",
    "raw_inputs",
    "score_states",
    "silent",
    "state_hash",
    "tuned_state",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"trail.model.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
