"""Only numbers that were read can be written: token by token, and by a model that would write anything."""

from __future__ import annotations

import pytest
import torch

from tests.tiny import tiny_backbone
from trail.model import NUMBER, continued, load_backbone
from trail.model.numerals import Numerals

NUMBERS = frozenset({"1,234", "270", "8.4", "27"})


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return load_backbone(tiny_backbone(tmp_path_factory.mktemp("numerals")), torch.float32)


@pytest.fixture(scope="module")
def numerals(backbone):
    return Numerals.of(backbone)


def follow(backbone, numerals, written):
    """Returns the digits that may follow, and whether words may."""
    allowed = numerals.allowed(written, NUMBERS)
    texts = {
        backbone.tokenizer.decode([at]).strip() for at in (allowed & numerals.digits).nonzero()[:, 0].tolist()
    }
    return texts, bool(allowed[backbone.encode("the")[0]])


@pytest.mark.parametrize(
    ("written", "digits", "words"),
    [
        ("It had", {"1", "2", "8"}, True),
        ("It had 1", set(), False),
        ("It had 1,", {"2"}, False),
        ("It had 1,2", {"3"}, False),
        ("It had 1,234", set(), True),
        ("It had 2", {"7"}, False),
        ("It had 27", {"0"}, True),
        ("It had 270", set(), True),
        ("It had 270, then", {"1", "2", "8"}, True),
        ("It had 8.", {"4"}, False),
    ],
)
def test_a_number_goes_on_as_one_that_was_read(backbone, numerals, written, digits, words):
    assert follow(backbone, numerals, written) == (digits, words)


def test_a_comma_that_only_another_number_holds_is_no_way_on(backbone, numerals):
    comma = backbone.encode(",")[-1]
    assert numerals.allowed("It had 1", NUMBERS)[comma]
    assert not numerals.allowed("It had 2", NUMBERS)[comma]


def test_a_model_that_writes_anything_writes_no_other_number(backbone):
    """Half of what the random model writes are digits: freely it writes other numbers, by the rule none."""
    head = backbone.causal.get_output_embeddings()
    digits = Numerals.of(backbone).digits
    torch.manual_seed(0)
    starts = [backbone.encode(text) for text in ("It had 270 and 8.4 last week", "Of 1,234 it kept 27")]
    numbers = [
        frozenset(NUMBER.findall(text)) for text in ("It had 270 and 8.4 last week", "Of 1,234 it kept 27")
    ]
    assert numbers == [{"270", "8.4"}, {"1,234", "27"}]
    bias = torch.where(digits, 6.0, 0.0)
    hook = head.register_forward_hook(lambda _module, _inputs, scores: scores + bias)
    try:
        free, ruled = (
            continued(backbone, starts, most=60, temperature=1.0, numbers=each) for each in ((), numbers)
        )
    finally:
        hook.remove()
    for ids, allowed in zip(free, numbers, strict=True):
        assert not set(NUMBER.findall(backbone.tokenizer.decode(ids))) <= allowed
    for ids, allowed in zip(ruled, numbers, strict=True):
        *whole, _ = NUMBER.findall(backbone.tokenizer.decode(ids))  # the last may be cut off
        assert whole
        assert set(whole) <= allowed
