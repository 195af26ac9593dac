"""The scorecard's folder: rows, JSON, Markdown and one page, written whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trail.engine import whole_folder, write_json
from trail.evaluate.page import Section
from trail.evaluate.scorecard.card import Scorecard
from trail.evaluate.scorecard.rows import FILES, write_scores
from trail.evaluate.scorecard.words import sections, verdict
from trail.evaluate.template import filled

TWIN, MARKDOWN, PAGE = "scorecard.json", "scorecard.md", "scorecard.html"


def write_scorecard(card: Scorecard, folder: Path) -> bool:
    """Writes `scores.parquet`, `figures`, `reasons`, `first`, `scorecard.json`, `.md` and `.html`.

    The folder is replaced whole, so that its files always speak of the same snapshots; where it says the
    same already, nothing is written.

    Returns:
        Whether anything was written.

    Raises:
        EngineError: If the folder cannot be written.
    """
    twin = as_dict(card)
    if _says(folder, twin):
        return False
    parts = sections(card)
    page = filled("trail.evaluate.scorecard", "scorecard.html.j2", title=card.title, parts=parts)
    with whole_folder(folder) as temporary:
        write_scores(card.scores, temporary)
        write_json(twin, temporary / TWIN)
        (temporary / MARKDOWN).write_text(_markdown(card.title, parts), encoding="utf-8")
        (temporary / PAGE).write_text(page, encoding="utf-8")
    return True


def as_dict(card: Scorecard) -> dict[str, Any]:
    """Returns the scorecard as data: the latest first items, sentences, tallies, figures, and who waits or was refused."""
    return {
        "title": card.title,
        "data": card.data,
        "log_whole_until": card.ends.isoformat(),
        "latest": asdict(card.latest) | {"items": [asdict(each) for each in card.latest.items]}
        if card.latest
        else None,
        "verdict": verdict(card),
        "snapshots": [_moments(asdict(each.head)) for each in card.scores],
        "figures": [_moments(asdict(each)) for each in card.figures],
        "reasons": [asdict(each) | {"share": each.share} for each in card.tallies],
        "waiting": [_moments(asdict(each)) for each in card.waiting],
        "refused": [asdict(each) for each in card.refused],
    }


def _moments(values: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if hasattr(each, "isoformat") else each for name, each in values.items()}


def _says(folder: Path, twin: dict[str, Any]) -> bool:
    if not all((folder / name).is_file() for name in (*FILES, TWIN, MARKDOWN, PAGE)):
        return False
    try:
        found = json.loads((folder / TWIN).read_text(encoding="utf-8"))
    except ValueError:
        return False
    return bool(found == twin)


def _markdown(title: str, parts: Sequence[Section]) -> str:
    lines = [f"# {title}"]
    for part in parts:
        lines += [f"## {part.title}", *part.paragraphs]
        if part.table:
            rows = [list(part.table), ["---"] * len(part.table), *zip(*part.table.values(), strict=True)]
            lines.append("\n".join("| " + " | ".join(_cell(each) for each in row) + " |" for row in rows))
    return "\n\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
