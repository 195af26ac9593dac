"""What ours is without one of its parts: measured beside it, never its rival, never the champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trail.model.settings import ModelSettings


@dataclass(frozen=True)
class Ablation:
    """Ours with one part taken away.

    Attributes:
        without: What is taken away, in words that can follow "without".
        changes: Settings of the model that differ from the project's, by name; none where every trained model
            holds the ablation already.
    """

    without: str
    changes: Mapping[str, Any] = field(default_factory=dict)


#: Name in tables -> what it leaves out: the text, what the text says of the item (hidden from the trained model, or from a
#: model of its own from the start), every term of the joint loss.
ABLATIONS: Mapping[str, Ablation] = {
    "no_llm_head": Ablation("the text"),
    "trail_hidden": Ablation("sight of the item's title, category and brand when it forecasts"),
    "trail_masked": Ablation("the item's title, category and brand", {"mask_titles": True}),
    "trail_no_popularity": Ablation("the count and quantile terms", {"popularity": 0.0}),
    "trail_no_rank": Ablation("the pairwise rank term", {"rank": 0.0}),
    "trail_no_language": Ablation("the likelihood of the texts", {"language": 0.0}),
    "trail_no_contrast": Ablation("the contrastive terms of the texts", {"contrast": 0.0}),
    "trail_scores_only": Ablation("the language stage", {"language_epochs": 0}),
}
#: Those that are models of their own, trained when they are asked for.
VARIANTS: Mapping[str, Ablation] = {name: each for name, each in ABLATIONS.items() if each.changes}


def varied(settings: ModelSettings, name: str) -> ModelSettings:
    """Returns settings with the changes of an ablation."""
    return replace(settings, **VARIANTS[name].changes)
