"""Invariants of training: same seed same model, a killed run goes on, every tuned part learns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file

from tests.tiny import tiny_backbone
from trail.errors import DataError, ModelError
from trail.forecast import held_out, load, train
from trail.forecast.language import tell_rows
from trail.forecast.material import gather, slates
from trail.forecast.run import Run
from trail.model import (
    INPUTS,
    JointModel,
    Keeper,
    backbone_folder,
    load_backbone,
    prepare_tuning,
    silent,
    state_hash,
    tuned_state,
)

ROOT = Path(__file__).parents[2]


def _terms(folder: Path) -> list[float]:
    return pq.read_table(folder / "training.parquet")["value"].to_pylist()


class _StopError(Exception):
    pass


def _stop_at(stage: str, batch: int):
    def report(name: str, done: float, total: float) -> None:
        if name == stage and done == batch:
            raise _StopError

    return report


@pytest.mark.parametrize(
    "stop",
    [
        ("numbers", 7),
        ("text", 7),
        ("score", 4),
        ("drivers", 1),
        ("language", 1),
        ("served", 7),
        ("meeting", 5),
    ],
)
def test_a_resumed_run_has_the_losses_of_an_uninterrupted_one(trained, history, small, tmp_path, stop):
    with pytest.raises(_StopError):
        train(history, small, tmp_path, report=_stop_at(*stop), checkpoint_seconds=0)
    assert not (tmp_path / "config.json").exists()
    train(history, small, tmp_path, resume=True)
    _, folder = trained
    assert _terms(tmp_path) == _terms(folder)
    ours, theirs = (load_file(each / "model.safetensors") for each in (tmp_path, folder))
    assert all(torch.equal(value, ours[name]) for name, value in theirs.items())
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_checkpoint_of_other_settings_is_refused(history, small, tmp_path):
    with pytest.raises(_StopError):
        train(history, small, tmp_path, report=_stop_at("score", 4), checkpoint_seconds=0)
    with pytest.raises(ModelError, match="another run"):
        train(history, replace(small, seed=5), tmp_path, resume=True)


def test_a_checkpoint_of_other_code_is_refused(history, small, tmp_path):
    with pytest.raises(_StopError):
        train(history, small, tmp_path, report=_stop_at("numbers", 7), checkpoint_seconds=0, code="one")
    with pytest.raises(ModelError, match="another run"):
        train(history, small, tmp_path, resume=True, code="other")


def test_the_fingerprint_is_of_the_weights_too(trained):
    forecaster, _ = trained
    known = state_hash(forecaster.model)
    weight = next(forecaster.model.numbers_head.parameters())
    kept = weight.detach().clone()
    with torch.no_grad():
        weight[0] += 1
        assert state_hash(forecaster.model) != known
        weight.copy_(kept)
    assert state_hash(forecaster.model) == known


def test_lessons_name_the_drivers_of_a_prior_that_knew_no_outcome(trained, history, small, tmp_path):
    """Outcomes of the validation origins, a hundred times as high, change no lesson: what is told is the same."""
    settings = replace(small, priors=("lightgbm",))
    late = history[-small.validation_origins].cards.cutoff
    changed = [
        replace(each, target=each.target * 100 if each.cards.cutoff >= late else each.target)
        for each in history
    ]
    told = []
    for known in (history, changed):
        material = gather(known, settings, silent)
        forecaster = replace(trained[0], prior=material.choice.forecaster, settings=settings)
        built = slates(material.train, forecaster.reader, seed=0)
        told.append(tell_rows(Run(settings, material, forecaster, built, [], Keeper(tmp_path, ""), silent)))
    assert any(each.drivers for group in told[0] for each in group)
    assert not any(held_out(each.card.item_id) for group in told[0] for each in group)
    assert any(held_out(item) for rows in material.train for item in rows.cards.item_ids)
    assert told[0] == told[1]


def test_without_the_contrast_term_nothing_meets(history, small, tmp_path):
    found = train(history, replace(small, contrast=0.0, language_epochs=1), tmp_path)
    stages = set(pq.read_table(tmp_path / "training.parquet")["stage"].to_pylist())
    assert "language" in stages
    assert "meeting" not in stages
    assert float(found.model.meeting.centre.abs().sum()) == 0


def test_another_seed_is_another_run(trained, history, small, tmp_path):
    train(history, replace(small, seed=1), tmp_path)
    assert _terms(tmp_path) != _terms(trained[1])


def test_every_tuned_part_moves(trained, tiny_folder):
    """The tuned layer, the heads and the embeddings all leave their start; the frozen layer is not saved."""
    _, folder = trained
    state = load_file(folder / "model.safetensors")
    start = load_file(tiny_folder / "model.safetensors")
    layers = {name.split("layers.")[1].split(".")[0] for name in state if "layers." in name}
    assert layers == {"1"}
    for name, value in state.items():
        if (
            name.startswith("backbone.model.") and "norm" not in name
        ):  # near 1 bfloat16 is too coarse to show it
            before = start[name.removeprefix("backbone.model.")]
            assert not np.array_equal(value.float().numpy(), before.float().numpy()), name
    assert state["head.members.0.2.weight"].abs().max() > 0
    assert state["numbers_head.members.0.2.weight"].abs().max() > 0
    assert state["head.view.axes"].abs().max() > 0


def test_recomputing_changes_memory_and_not_the_losses(trained, history, small, tmp_path):
    train(history, replace(small, recompute=True), tmp_path)
    assert _terms(tmp_path) == pytest.approx(_terms(trained[1]), rel=1e-2)


@pytest.mark.parametrize(
    ("kind", "tuning"), [("llama", "lora"), ("llama", "full"), ("qwen", "lora"), ("gemma", "top")]
)
def test_other_families_and_tunings_train_save_and_load(history, small, tmp_path, kind, tuning):
    """The language stage has moved the backbone, so a forgotten adapter or layer would be seen."""
    if kind != "llama":
        small = replace(small, backbone=str(tiny_backbone(tmp_path / kind, kind)))
    forecaster = train(history, replace(small, tuning=tuning, epochs=0), tmp_path)
    moved = replace(forecaster, shrinkage={"text": 1.0, "numbers": 1.0}).fit(history)
    again = replace(load(tmp_path), shrinkage=moved.shrinkage).fit(history)
    cards = history[-1].cards
    np.testing.assert_array_equal(again.predict(cards).expected, moved.predict(cards).expected)
    start = JointModel(load_backbone(backbone_folder(again.settings.backbone)), len(INPUTS))
    torch.manual_seed(again.settings.seed)
    prepare_tuning(start.backbone, again.settings)
    before, after = (
        tuned_state(each, lambda name: name.startswith("backbone.")) for each in (start, again.model)
    )
    assert set(before) == set(after)
    assert any(not torch.equal(value, after[name]) for name, value in before.items() if "lora_A" not in name)


def test_without_tuning_for_scores_the_heads_learn_and_the_backbone_stays(
    history, small, tiny_folder, tmp_path
):
    train(history, replace(small, epochs=0, explained=0), tmp_path)
    stages = {row["stage"] for row in pq.read_table(tmp_path / "training.parquet").to_pylist()}
    assert stages == {"numbers", "text"}
    start = load_file(tiny_folder / "model.safetensors")
    for name, value in load_file(tmp_path / "model.safetensors").items():
        if name.startswith("backbone."):
            assert torch.equal(
                value.float(), start[name.removeprefix("backbone.model.")].to(value.dtype).float()
            ), name


def test_the_head_that_is_served_is_fitted_to_the_backbone_that_is_served(trained, history, small, tmp_path):
    forecaster, _ = trained
    assert set(forecaster.metrics["judged"]) == {"numbers", "text", "score", "served"}
    untold = train(history, replace(small, epochs=0, explained=0), tmp_path)
    assert not torch.equal(forecaster.model.head.view.axes, untold.model.head.view.axes)


def test_a_short_log_is_one_clear_error(history, small, tmp_path):
    with pytest.raises(DataError, match="cutoffs whose outcome is known"):
        train(history[:5], small, tmp_path)


@pytest.mark.slow
def test_kill_nine_loses_nothing_that_was_kept(trained, small, tmp_path):
    """A process killed outright leaves a whole checkpoint or none, and the next run ends the same."""
    script = (
        "import sys; from pathlib import Path\n"
        "from trail.baselines.sample import sample_history\n"
        "from trail.forecast import train\n"
        "from trail.model import ModelSettings\n"
        f"settings = ModelSettings.from_dict({small.as_dict()!r})\n"
        f"train(list(sample_history()), settings, Path({str(tmp_path)!r}), resume=True, checkpoint_seconds=0)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "checkpoint.pt").exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (tmp_path / "config.json").exists()
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, stderr=subprocess.DEVNULL, env=os.environ
    )
    assert _terms(tmp_path) == _terms(trained[1])
