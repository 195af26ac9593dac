"""The model folder: weights, settings, figures, a card for people; written whole, read back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from safetensors.torch import load_file, save_file

from trail import __version__
from trail.baselines import Conformal, priors_of
from trail.engine import file_hash, whole_file, write_json, write_table
from trail.errors import ModelError
from trail.forecast.reading import Reader
from trail.forecast.trail import TrailForecaster
from trail.model import (
    INPUTS,
    JointModel,
    ModelSettings,
    Scale,
    backbone_folder,
    load_backbone,
    load_tuned,
    prepare_tuning,
    tuned_state,
)

WEIGHTS, CONFIG, TERMS, CARD = "model.safetensors", "config.json", "training.parquet", "README.md"


def save(
    forecaster: TrailForecaster,
    folder: Path,
    terms: Mapping[str, Sequence[Mapping[str, float]]],
    data: str,
) -> None:
    """Writes a model folder; the config comes last, so that a folder with one is complete.

    Args:
        forecaster: What to save; the prior is saved by name, since it is refitted before every forecast.
        folder: Where.
        terms: Losses of every batch, by stage.
        data: Fingerprint of the cards and targets that it was trained on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in tuned_state(forecaster.model).items()}
    with whole_file(folder / WEIGHTS) as temporary:
        save_file(state, temporary)
    rows = [
        {"stage": stage, "batch": at + 1, "term": name, "value": value}
        for stage, batches in terms.items()
        for at, batch in enumerate(batches)
        for name, value in batch.items()
    ]
    write_table(pa.Table.from_pylist(rows), folder / TERMS)
    config = {
        "trail": __version__,
        "fingerprint": forecaster.fingerprint,
        "data": data,
        "settings": forecaster.settings.as_dict(),
        "prior": forecaster.prior.name,
        "inputs": list(INPUTS),
        "scale": {
            "centre": forecaster.reader.scale.centre.tolist(),
            "spread": forecaster.reader.scale.spread.tolist(),
        },
        "shrinkage": dict(forecaster.shrinkage),
        "conformal": {head: asdict(each) for head, each in forecaster.conformal.items()},
        "metrics": dict(forecaster.metrics),
        "weights_sha256": file_hash(folder / WEIGHTS),
    }
    with whole_file(folder / CARD) as temporary:
        temporary.write_text(model_card(config), encoding="utf-8")
    write_json(config, folder / CONFIG)


def load(folder: Path) -> TrailForecaster:
    """Loads a model folder; its prior is not fitted yet (`fit`).

    Raises:
        ModelError: If the folder is incomplete, altered, or of a version with other signals.
    """
    if not (folder / CONFIG).is_file():
        raise ModelError(
            f"no model in {folder}", expected=f"a folder with {CONFIG}", fix="run `trail train` first"
        )
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if file_hash(folder / WEIGHTS) != config["weights_sha256"]:
        raise ModelError(
            f"altered weights in {folder}", expected="the bytes that training wrote", fix="train again"
        )
    if config["inputs"] != list(INPUTS):
        raise ModelError(
            f"a model of TRAIL {config['trail']} with other signals",
            expected="the signals of this version",
            fix="train again",
        )
    settings = ModelSettings.from_dict(config["settings"])
    torch.manual_seed(settings.seed)
    backbone = load_backbone(backbone_folder(settings.backbone))
    model = JointModel(backbone, len(INPUTS))
    prepare_tuning(backbone, settings)
    load_tuned(model, load_file(folder / WEIGHTS))
    model.eval()
    scale = Scale(np.array(config["scale"]["centre"]), np.array(config["scale"]["spread"]))
    return TrailForecaster(
        model=model,
        prior=priors_of([config["prior"]], settings.seed)[0],
        reader=Reader(backbone, scale, settings.mask_titles),
        settings=settings,
        shrinkage=config["shrinkage"],
        conformal={
            head: Conformal(**{name: tuple(values) for name, values in each.items()})
            for head, each in config["conformal"].items()
        },
        metrics=config["metrics"],
        fingerprint=config["fingerprint"],
    )


def model_card(config: Mapping[str, Any]) -> str:
    """Returns the card of a model in Markdown: what it is, what validation said, what it must not be used for."""
    found, settings = config["metrics"], config["settings"]
    table = "\n".join(
        f"| {label} | {found['ndcg'][key]:.4f} | {found['wape'][key]:.4f} | {found['relative_loss'][key]:.4f} |"
        for key, label in (
            ("prior", f"prior ({config['prior']})"),
            ("numbers", "no-LLM head"),
            ("text", "TRAIL"),
        )
    )
    gain, error = found["gain"]["text"]
    return f"""# TRAIL model

Backbone `{settings["backbone"]}`, tuning `{settings["tuning"]}`, TRAIL {config["trail"]}, fingerprint
`{config["fingerprint"]}`, of data `{config["data"]}`.

Means over the validation origins, items active in the last eight windows:

| forecaster | NDCG@50 | WAPE | relative loss |
|---|---|---|---|
{table}

The correction keeps a share of {config["shrinkage"]["text"]:g} (no-LLM head: {config["shrinkage"]["numbers"]:g}). Half of it
gained {gain:.4f} in relative loss over the prior (standard error {error:.4f}), each origin judged by the state that was best
on the others. A share of 0 means that this was not clearly a gain.

The shortlist held {found["shortlist"]["top"]:.1%} of their true top 50 and {found["shortlist"]["rises"]:.1%} of their 50
strongest rises.

The same origins chose the prior and whether the correction is kept, so these figures flatter; `trail backtest` measures on
later periods. The prior is refitted before every forecast; the weights here are not.
"""
