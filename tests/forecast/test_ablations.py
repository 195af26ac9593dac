"""Ablations of the model: each is ours with one change, and one in the language stage alone shares the scores."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file

from trail.evaluate.ablations import ABLATIONS, VARIANTS
from trail.forecast import train
from trail.model import ModelSettings

#: Those that act in the language stage alone.
LATE = {"trail_no_language", "trail_no_contrast", "trail_scores_only"}


def _terms(folder):
    return pq.read_table(folder / "training.parquet").to_pylist()


def test_every_variant_changes_what_the_settings_know():
    known = {each.name for each in fields(ModelSettings)}
    usual = ModelSettings()
    always = {"no_llm_head", "no_llm_full", "trail_full", "trail_hidden"}
    assert set(ABLATIONS) - set(VARIANTS) == always
    for each in VARIANTS.values():
        assert set(each.changes) <= known
        assert replace(usual, **each.changes) != usual


def test_every_term_of_the_joint_loss_has_its_ablation():
    changed = {name for each in VARIANTS.values() for name in each.changes}
    assert changed >= {"popularity", "rank", "language", "contrast", "mask_titles"}


def test_what_acts_in_the_language_stage_alone_leaves_the_settings_of_the_scores():
    usual = ModelSettings()
    same = {
        n for n, each in VARIANTS.items() if replace(usual, **each.changes).of_scores() == usual.of_scores()
    }
    assert same == LATE


@pytest.fixture(scope="module")
def kept(history, small, tmp_path_factory):
    """A run that left its state before the language stage, and that file."""
    folder = tmp_path_factory.mktemp("kept")
    train(history, small, folder / "model", scored=folder / "scored.pt")
    return folder / "model", folder / "scored.pt"


@pytest.fixture(scope="module")
def shared(history, small, kept, tmp_path_factory):
    """The folders of the runs that took up that state, and the stages that each of them ran."""
    found = {}
    for name in sorted(LATE):
        folder, stages = tmp_path_factory.mktemp(name), set()
        settings = replace(small, **VARIANTS[name].changes)
        train(history, settings, folder, scored=kept[1], report=lambda stage, *_, on=stages: on.add(stage))
        found[name] = (folder, stages)
    return found


@pytest.mark.parametrize("name", sorted(LATE))
def test_a_run_that_takes_up_the_scores_ends_as_one_that_trained_them(history, small, shared, tmp_path, name):
    folder, stages = shared[name]
    train(history, replace(small, **VARIANTS[name].changes), tmp_path)
    assert not stages & {"numbers", "text", "score"}
    assert _terms(folder) == _terms(tmp_path)
    one, other = (load_file(each / "model.safetensors") for each in (folder, tmp_path))
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_keeping_the_scores_changes_nothing(trained, kept):
    assert _terms(kept[0]) == _terms(trained[1])


def test_a_state_of_other_scores_is_neither_taken_nor_replaced(history, small, kept, tmp_path):
    settings = replace(small, **VARIANTS["trail_no_rank"].changes, explained=0)
    before, stages = kept[1].read_bytes(), set()
    train(history, settings, tmp_path, scored=kept[1], report=lambda stage, *_: stages.add(stage))
    assert {"numbers", "text", "score"} <= stages
    assert kept[1].read_bytes() == before


def test_a_term_that_is_left_out_is_nothing_and_without_the_language_stage_there_is_none(shared):
    terms = _terms(shared["trail_no_contrast"][0])
    assert {row["value"] for row in terms if row["term"] == "contrast"} == {0.0}
    assert all(row["value"] > 0 for row in terms if row["term"] == "language")
    terms = _terms(shared["trail_no_language"][0])
    assert {row["value"] for row in terms if row["term"] == "language"} == {0.0}
    assert all(row["value"] > 0 for row in terms if row["term"] == "contrast")
    assert {row["stage"] for row in _terms(shared["trail_scores_only"][0])} == {"numbers", "text", "score"}


def test_without_the_count_terms_the_quantiles_stay_the_priors(history, small, tmp_path):
    """Rank pairs pull on the mean alone: the rows of median and gaps keep their zeros."""
    settings = replace(small, **VARIANTS["trail_no_popularity"].changes, explained=0)
    for member in train(history, settings, tmp_path).model.head.members:
        assert member[-1].weight[0].abs().max() > 0
        assert member[-1].weight[1:].abs().max() == 0


def test_a_variant_has_a_name_of_its_own(trained, history):
    forecaster = replace(trained[0], shrinkage={"text": 1.0, "numbers": 1.0}).named("trail_masked")
    found = forecaster.fit(history[:-1]).predict(history[-1].cards)
    assert forecaster.name == "trail_masked"
    assert "trail_masked" in set(found.forecaster)
    assert forecaster.without_text().name == "no_llm_head"
    assert forecaster.whole().name == "trail_masked"
    np.testing.assert_array_equal(
        found.expected, replace(forecaster, label="").fit(history[:-1]).predict(history[-1].cards).expected
    )
