"""What ours is without one of its parts: measured beside it, never its rival, never the champion."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trail.evaluate.methods import Method
from trail.model.settings import ModelSettings

#: Ours with its whole correction. Validation may keep none of it: then ours is its prior, whatever part is taken away.
FULL = "trail_full"


@dataclass(frozen=True)
class Ablation:
    """Ours with one part taken away.

    Attributes:
        without: What is taken away, in words that can follow "without".
        changes: Settings of the model that differ from the project's, by name; none where every trained model
            holds the ablation already.
        beside: Whose part is taken away: `FULL`, and then the ablation too is measured with its whole correction;
            empty for ours as validation left it.
    """

    without: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    beside: str = FULL


#: Name in tables -> what it leaves out: the text, what validation cuts, what the text says of the item (hidden from the
#: trained model, or from a model of its own from the start), every term of the joint loss.
ABLATIONS: Mapping[str, Ablation] = {
    "no_llm_head": Ablation("the text", beside=""),
    FULL: Ablation("validation's cut of its correction", beside=""),
    "no_llm_full": Ablation("the text, both with their whole correction"),
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


def opposite(method: Method, ours: Method, tried: Container[Method]) -> Method:
    """Returns who stands for ours beside a method: with its whole correction where the method is an ablation with its own.

    Args:
        method: An ablation or anybody else.
        ours: TRAIL as validation left it.
        tried: All methods; where `FULL` is none of them, it is ours as validation left it.
    """
    known = ABLATIONS.get(method[0])
    whole = (known.beside, method[1]) if known else ours
    return whole if whole in tried else ours
