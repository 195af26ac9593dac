"""The soak of `bench/soak.py` for a minute, through the guard, and that its test can fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench.service_data import made_project
from bench.soak import Sample, growth, soak

MIB = 1024 * 1024


def _samples(**slopes: float) -> list[Sample]:
    """A minute at the same size, one sample a second, but for what grows by so much a second; noisy at first."""
    first = Sample(0.0, 100.0 * MIB, 150.0 * MIB, 20, 30, 8)
    return [
        replace(
            first, at=float(at), **{name: getattr(first, name) + slope * at for name, slope in slopes.items()}
        )
        for at in range(60)
    ]


def test_what_grows_is_found_and_what_does_not_is_not():
    assert all(grew < may for _, grew, may in growth(_samples()).values())
    for name, slope in (
        ("own", MIB / 3),
        ("resident", MIB / 3),
        ("files", 0.2),
        ("threads", 0.2),
        ("mapped", 0.2),
    ):
        found = growth(_samples(**{name: slope}))
        assert [each for each, (_, grew, may) in found.items() if grew >= may] == [name]
        assert found[name][1] == pytest.approx(slope * 39)


@pytest.mark.slow
def test_a_minute_leaks_nothing(tmp_path: Path):
    folder = tmp_path / "shop"
    folder.mkdir()
    days = made_project(folder, items=5_000, days=3, texts=5)
    assert soak(folder, days, seconds=60, rate=60, guarded=True, every=1.0)
