"""What the untuned backbone writes of a sealed forecast: the other side of a comparison, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trail.snapshots import Snapshot

if TYPE_CHECKING:
    from trail.model import ModelSettings


def untuned_texts(snapshot: Snapshot, settings: ModelSettings) -> dict[str, str]:
    """Returns explained item -> text of the backbone without any tuning, told the same card, forecast and drivers.

    Nobody checks the texts, and some may be empty.

    Args:
        snapshot: The sealed forecast.
        settings: Of the model whose backbone it is.

    Raises:
        ModelError: If its weights are missing or cannot be loaded.
    """
    from trail.explain import untuned  # noqa: PLC0415 - loads torch; only this path needs it
    from trail.forecast import Told  # noqa: PLC0415 - as above

    told = [
        Told(0, at, snapshot.card(each.item_id), snapshot.outlook(each.item_id), each.drivers)
        for at, each in enumerate(snapshot.explanations)
    ]
    return {each.card.item_id: text for each, text in zip(told, untuned(settings, told), strict=True)}
