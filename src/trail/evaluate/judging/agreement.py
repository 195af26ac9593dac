"""Krippendorff's alpha: how far judges agree beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float:
    """Returns Krippendorff's alpha of nominal values: 1 is agreement, 0 is chance, below 0 is worse than chance.

    1 - (n - 1) D / E: n values that can be paired, D ordered pairs of differing values within the units, each pair
    of a unit of m values weighing 1 / (m - 1), E ordered pairs of differing values among all n. Judges may be many
    and may leave units open. NaN where no unit has two values, or all values are one: then nothing shows whether
    judges can tell. Reference: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".

    Args:
        units: The values of each unit judged, one a judge who judged it, in any order.
    """
    paired = [Counter(each) for each in units if len(each) > 1]
    total = sum(paired, Counter[Hashable]())
    n = total.total()
    expected = n * n - sum(count * count for count in total.values())
    if not expected:
        return float("nan")
    differing = 0.0
    for each in paired:
        m = each.total()
        differing += (m * m - sum(count * count for count in each.values())) / (m - 1)
    return 1 - (n - 1) * differing / expected
