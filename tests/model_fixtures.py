"""A tiny model trained once on a synthetic log, for every test of the stages on top of it."""

from __future__ import annotations

import pytest

from tests.tiny import tiny_backbone
from trail.baselines.sample import sample_history
from trail.forecast import train
from trail.model import ModelSettings

SMALL = {
    "top_layers": 1,
    "examples": 48,
    "epochs": 1,
    "explained": 16,
    "language_epochs": 1,
    "batch": 8,
    "accumulation": 2,
    "priors": ("last_window", "decayed"),
    "shortlist": 20,
    "validation_origins": 2,
    "validation_rows": 10,
    "evaluations": 2,
    "learning_rate": 1e-3,
    "compile": False,
}


@pytest.fixture(scope="session")
def history():
    """Labelled cutoffs of a synthetic log."""
    return list(sample_history())


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A random Llama of two layers."""
    return tiny_backbone(tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="session")
def small(tiny_folder):
    """Settings of a run of seconds."""
    return ModelSettings(backbone=str(tiny_folder), **SMALL)


@pytest.fixture(scope="session")
def trained(history, small, tmp_path_factory):
    """A model trained on the synthetic log, and its folder."""
    folder = tmp_path_factory.mktemp("model")
    return train(history, small, folder), folder
