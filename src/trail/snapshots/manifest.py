"""The manifest of a snapshot: what made it, the hash of each file, and a seal over all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from trail.errors import DataError

#: Raised when a file's columns or the manifest's keys change their meaning.
FORMAT = 2
#: Its own name in a snapshot's folder.
MANIFEST = "manifest.json"
#: The files that a manifest vouches for.
FILES = ("forecast.parquet", "cards.parquet", "explanations.parquet")
_KINDS = {"str": str, "int": int, "Mapping[str, str]": dict}
#: Keys that decide what a forecast says, beside `configuration`.
_ORIGIN = ("format", "cutoff", "horizon_days", "k", "seed", "events", "explained", "data", "model", "by")


@dataclass(frozen=True)
class Manifest:
    """Everything about a snapshot that is not in its tables.

    Attributes:
        cutoff: First instant not known when it was made, ISO with time zone.
        horizon_days: Length of the period predicted.
        k: The K of the column `p_top`.
        seed: Seed of the draws behind `p_top` and of the writer.
        events: What one unit of weight is called, in the plural.
        explained: Items that were to be explained.
        data: Fingerprint of the events and the catalogue.
        model: Fingerprint of the model folder that made the numbers or wrote about those of another (`corrected`);
            empty without one.
        by: Who was to make the numbers: `trail`, `best`, or a forecaster's name.
        configuration: Hash of what else decides what a forecast says; empty in snapshots from before there was one.
        why: Why, with the margin that a backtest showed, in words.
        forecaster: Name of the forecaster that ranks the first item.
        items: Number of items forecast.
        versions: Library -> version that made it.
        created: When it was made.
        files: File name -> SHA-256 of its bytes.
        format: Version of the format.
        seal: SHA-256 over all the other keys. Write it down elsewhere to know later that nothing was replaced.
    """

    cutoff: str
    horizon_days: int
    k: int
    seed: int
    events: str
    explained: int
    data: str
    model: str = ""
    by: str = ""
    configuration: str = ""
    why: str = ""
    forecaster: str = ""
    items: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    seal: str = ""

    @property
    def moment(self) -> datetime:
        """The cutoff as a moment in UTC."""
        return datetime.fromisoformat(self.cutoff)

    @property
    def corrected(self) -> bool:
        """Whether the language model made the numbers; else it wrote the texts at most."""
        return bool(self.model) and self.by in ("", "trail")  # snapshots of old do not say by whom

    @property
    def maker(self) -> tuple[str, str]:
        """Who made the numbers, by name and by fingerprint where that is the model."""
        return self.by, self.model if self.corrected else ""

    def computed_seal(self) -> str:
        """Returns the seal that the other keys should have."""
        values = {key: value for key, value in asdict(self).items() if key != "seal"}
        if not self.configuration:  # sealed before there was one
            del values["configuration"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def same_origin(self, other: Manifest) -> bool:
        """Whether both come from the same data, model and settings, whenever they were made."""
        return not self.differs(other)

    def differs(self, other: Manifest) -> tuple[str, ...]:
        """Returns the keys that decide what a forecast says and are not the same in both.

        Where one of them has no configuration it counts for nothing.
        """
        told = (*_ORIGIN, "configuration") if self.configuration and other.configuration else _ORIGIN
        return tuple(name for name in told if getattr(self, name) != getattr(other, name))

    @classmethod
    def from_dict(cls, values: Any, where: str) -> Self:
        """Reads a manifest from parsed JSON.

        Raises:
            DataError: If it is no manifest of this format.
        """
        known = {each.name for each in fields(cls)}
        if not isinstance(values, dict) or {*values, "configuration"} != known or values["format"] != FORMAT:
            raise DataError(
                "a manifest with other keys", expected=f"a snapshot of format {FORMAT}", where=where
            )
        values = {"configuration": ""} | values
        for each in fields(cls):
            if not isinstance(values[each.name], _KINDS[str(each.type)]):
                raise DataError(f"{each.name} = {values[each.name]!r}", expected=str(each.type), where=where)
        for name in ("cutoff", "created"):
            if not _is_moment(values[name]):
                raise DataError(
                    f"{name} = {values[name]!r}", expected="an ISO time with its zone", where=where
                )
        return cls(**values)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
