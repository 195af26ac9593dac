"""How fast this machine multiplies: what a model costs depends on little else."""

from __future__ import annotations

import time

from trail.errors import ModelError

#: Products and sums a second, in bfloat16, of the machine that the rates of this project were measured on.
REFERENCE = 3.4e12
#: Part of a pass there that is matrix products; the rest takes the same time anywhere, more or less.
_PRODUCTS = 0.4
_SIDE, _TRIES = 2048, 4


def multiplication_speed() -> float:
    """Returns floating point operations a second of a bfloat16 matrix product, the best of a few; under a second.

    Raises:
        ModelError: If torch is not installed.
    """
    try:
        import torch  # noqa: PLC0415 - slow to import; only this function needs it
    except ImportError as error:
        raise ModelError("no torch", fix="pip install 'trail-forecast[model]'") from error
    one = torch.ones((_SIDE, _SIDE), dtype=torch.bfloat16)
    seconds = []
    for _ in range(_TRIES):
        start = time.perf_counter()
        one @ one
        seconds.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / min(seconds)


def slowness(speed: float) -> float:
    """Returns how many times as long a pass takes as on the machine of the stated rates, 1 there.

    Args:
        speed: Operations a second, of `multiplication_speed`.
    """
    return 1 - _PRODUCTS + _PRODUCTS * REFERENCE / speed
