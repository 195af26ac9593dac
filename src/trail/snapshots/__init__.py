"""Forecast + cards + explanations sealed in a folder, verified offline, compared.

A snapshot is four files: `forecast.parquet` (every item; of new ones, in an optional column, the past launches most like them), `cards.parquet` (the signals of
every item), `explanations.parquet` (the texts of the first ranks, claim by claim) and `manifest.json` (what made them, the SHA-256 of
each file, and a seal over all of it). It is written whole or not at all, and never changed.
"""

from trail.snapshots.difference import Move, compare
from trail.snapshots.folder import (
    Snapshot,
    folders_in,
    may_name,
    open_snapshot,
    outlook_of,
    read_manifest,
    refuse_other,
    seal,
)
from trail.snapshots.manifest import FILES, MANIFEST, Manifest
from trail.snapshots.tables import Explained, Explanation, forecast_from, forecast_table
from trail.snapshots.verification import (
    Problem,
    SnapshotReport,
    altered,
    open_unaltered,
    refuse_altered,
    verify_snapshot,
)

__all__ = [
    "FILES",
    "MANIFEST",
    "Explained",
    "Explanation",
    "Manifest",
    "Move",
    "Problem",
    "Snapshot",
    "SnapshotReport",
    "altered",
    "compare",
    "folders_in",
    "forecast_from",
    "forecast_table",
    "may_name",
    "open_snapshot",
    "open_unaltered",
    "outlook_of",
    "read_manifest",
    "refuse_altered",
    "refuse_other",
    "seal",
    "verify_snapshot",
]
