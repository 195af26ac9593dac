"""How many pairs teach texts to meet their cards."""

from __future__ import annotations

import pytest

from trail.forecast.meeting import groups_of
from trail.model.settings import MOST_PAIRS, PAIRS


@pytest.mark.parametrize("cutoffs", [1, 3, 15, 80, 1_000])
@pytest.mark.parametrize("explained", [1, 16, 800])
def test_few_cutoffs_teach_as_many_pairs_as_many(explained, cutoffs):
    groups, size = groups_of(explained, cutoffs)
    wanted = PAIRS * explained
    assert 2 <= size <= MOST_PAIRS
    assert wanted <= groups * size * cutoffs < wanted + (groups + 1) * cutoffs + 1


def test_a_cutoff_has_one_group_where_all_its_pairs_are_told_from_each_other():
    assert groups_of(800, 80) == (1, 60)
    assert groups_of(800, 15) == (4, 80)
