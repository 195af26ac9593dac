"""True texts: what the writer learns to write."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from trail.facts.claims import Driver, Outlook
from trail.facts.draft import Rendered
from trail.facts.render import render
from trail.signals import Card


def true_text(
    card: Card,
    outlook: Outlook,
    drivers: Sequence[Driver],
    rng: np.random.Generator,
    *,
    held_out: bool = False,
    mask: Collection[str] = (),
) -> Rendered:
    """Writes one true training text that names the drivers; see `trail.facts.render.render`."""
    return render(card, outlook, drivers, rng, held_out=held_out, mask=mask)
