"""Settings of the model: what is tuned, on how much, and how the terms of the loss are weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any, Literal, Self

from trail.errors import ConfigError

Tuning = Literal["top", "lora", "full"]
#: Settings that act in the language stage alone.
_LANGUAGE = (
    "explained",
    "language_epochs",
    "lesson_batch",
    "language_rate",
    "language",
    "contrast",
    "embedding_temperature",
    "recompute",
)
#: Training cutoffs used at most: the latest ones.
MOST_CUTOFFS = 80
#: Rows of a training cutoff at least: fewer have hardly a pair to rank.
LEAST_ROWS = 16
#: Pairs of a card and a text for each row that is explained, and how many are told from each other at most: the more cards and the more
#: pairs, the more is learned.
PAIRS, MOST_PAIRS = 6, 100
#: The backbone that comes with a registry package; any other value is a folder of a causal language model.
PACKAGED = "smollm2-135m-instruct"


@dataclass(frozen=True)
class ModelSettings:
    """Everything that a run of training depends on besides the data.

    Attributes:
        backbone: `smollm2-135m-instruct`, or a folder that `transformers` loads as a causal language model.
        tuning: `top` tunes the upper layers whole, `lora` low-rank adapters on all, `full` every weight.
        top_layers: Layers tuned by `top`; ten of thirty train twice as fast as all of them on a CPU.
        lora_rank: Rank of the adapters.
        examples: Rows (an item at a cutoff) that scores are learned from, evenly over the cutoffs, 16 of each at least.
        epochs: Passes that tune the backbone for scores before the language stage, which tunes it for all terms;
            validation may keep an earlier state, or the one it started from. 0 trains heads alone there.
        explained: Rows of the language stage in one epoch; six times as many cards meet a text.
        language_epochs: Passes of the language stage.
        batch: Rows a forward pass where the score stage tunes the backbone, all of one cutoff.
        lesson_batch: Rows a forward pass of the language stage, whose rows are three times as long.
        accumulation: Forward passes an optimizer step of the score stage.
        learning_rate: Peak rate of the backbone in the score stage; the head learns at ten times it.
        language_rate: Peak rate of the backbone in the language stage.
        weight_decay: Decoupled decay of the head's weights.
        priors: Forecasters without a language model, the most trusted last; the best on validation origins is corrected, of
            near equals the last.
        shortlist: Items a cutoff that the model corrects; the prior forecasts the rest. 0 is all.
        validation_origins: Last cutoffs whose targets are known, held out for every choice.
        validation_rows: Items a validation origin that are scored during training.
        evaluations: Times a run of the score stage looks at the validation origins.
        popularity: Weight of the count and quantile terms.
        rank: Weight of the pairwise term.
        language: Weight of the likelihood of the true text.
        contrast: Weight of the terms that set true texts against corrupted ones and other cards; 0 leaves out the stage in
            which texts meet their cards as well.
        rank_temperature: Divides the difference of two log scores.
        embedding_temperature: Divides the cosine of a text and a card.
        tweedie_power: Power of the count likelihood, 1 (Poisson) to 2 (gamma).
        recompute: Computes the language stage's activations twice instead of keeping them: less than half the memory
            for half as much time again.
        mask_titles: Hides titles, brands and categories from the prompt: what the numbers alone can do.
        compile: Compiles each layer where a C++ compiler is (faster from about 1,000 rows on); null decides by size.
        seed: Seed of every random choice.
    """

    backbone: str = PACKAGED
    tuning: Tuning = "top"
    top_layers: int = 10
    lora_rank: int = 16
    examples: int = 6000
    epochs: int = 0
    explained: int = 800
    language_epochs: int = 3
    batch: int = 16
    lesson_batch: int = 8
    accumulation: int = 2
    learning_rate: float = 5e-5
    language_rate: float = 3e-4
    weight_decay: float = 0.05
    priors: tuple[str, ...] = (
        "last_window",
        "windowed_mean",
        "decayed",
        "seasonal_naive",
        "lightgbm",
        "stack_text",
        "stack",
    )
    shortlist: int = 1000
    validation_origins: int = 4
    validation_rows: int = 200
    evaluations: int = 4
    popularity: float = 1.0
    rank: float = 0.3
    language: float = 1.0
    contrast: float = 0.3
    rank_temperature: float = 0.5
    embedding_temperature: float = 0.07
    tweedie_power: float = 1.5
    recompute: bool = False
    mask_titles: bool = False
    compile: bool | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.tuning not in ("top", "lora", "full"):
            raise ConfigError(f"tuning = {self.tuning!r}", expected="top, lora or full", where="[model]")
        for name in (
            "examples",
            "batch",
            "lesson_batch",
            "accumulation",
            "validation_origins",
            "evaluations",
        ):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} = {getattr(self, name)}", expected="1 or more", where="[model]")
        if self.epochs < 0:
            raise ConfigError(f"epochs = {self.epochs}", expected="0 or more", where="[model]")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Reads settings from a mapping.

        Raises:
            ConfigError: If a key is unknown; the nearest known one is named.
        """
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                raise ConfigError(
                    f"the unknown key {key!r}",
                    expected=f"{near[0]!r}?" if near else f"one of {', '.join(known)}",
                    where="[model]",
                )
        plain: dict[str, Any] = dict(values)
        if isinstance(plain.get("priors"), list):
            plain["priors"] = tuple(plain["priors"])
        return cls(**plain)

    def as_dict(self) -> dict[str, Any]:
        """Returns the settings as plain values."""
        return {**asdict(self), "priors": list(self.priors)}

    def of_scores(self) -> dict[str, Any]:
        """Returns the settings that the stages before the language stage depend on."""
        return {name: value for name, value in self.as_dict().items() if name not in _LANGUAGE}


def past_blocks(cutoffs: int) -> int:
    """Returns how often the prior is refitted to forecast so many past cutoffs: every eight, at least four times."""
    return max(4, cutoffs // 8)
