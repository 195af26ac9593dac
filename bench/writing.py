"""What constrained decoding does to texts: how many hold, how varied they are, what they cost.

python bench/writing.py runs/online_retail_ii
python bench/writing.py runs/online_retail_ii --origins 2 --items 50 --show 5

Compared are a model that starts anew after a text that did not hold, and one that goes on otherwise from the first clause that
did not (what `trail` does), each with the temperatures made for it.
The model is that of the project's backtest (see alignment.py), asked about the first items of its forecasts at test origins.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alignment import candidate_of, ours_of
from trail.baselines import p_top
from trail.errors import TrailError
from trail.evaluate.text_metrics import distinct, ngrams
from trail.explain import Explanation, explain
from trail.signals import known_at

#: Ways to write -> whether every try starts anew.
WAYS = {"anew": True, "from what holds": False}


def said(way: str, found: Sequence[Explanation], seconds: float) -> str:
    """Returns a line of the table."""
    ours = [each for each in found if each.source == "model"]
    held = [sum(each.tries <= tries for each in ours) / len(found) for tries in (1, 2, 5)]
    varied = distinct(ngrams([each.text for each in ours], 2)) if ours else float("nan")
    cells = [*(f"{each:.0%}" for each in held), f"{varied:.2f}", f"{seconds / len(found):.2f}"]
    return " | ".join(["", way, *cells, ""]).strip()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path, help="folder with trail.toml")
    parser.add_argument("--model", default="", help="name of a finished model; default that of the backtest")
    parser.add_argument("--origins", type=int, default=1, help="test origins, the first ones")
    parser.add_argument("--items", type=int, default=50, help="first items of the forecast of each")
    parser.add_argument("--show", type=int, default=3, help="texts and refused texts shown of each way")
    asked = parser.parse_args()
    try:
        candidate = candidate_of(asked.project)
        _, ours = ours_of(candidate, asked.model)
    except TrailError as error:
        parser.exit(2, f"{error}\n")
    settings = candidate.workspace.project.forecast
    made: dict[str, list[Explanation]] = {way: [] for way in WAYS}
    seconds: Counter[str] = Counter()
    for example in [each for each in candidate.history if each.cards.cutoff >= candidate.first][
        : asked.origins
    ]:
        fitted, cards = ours.fit(known_at(candidate.history, example.cards.cutoff)), example.cards
        forecast = fitted.predict(cards)
        chance = p_top(forecast, settings.top, seed=settings.seed)
        rows = np.argsort(-forecast.score, kind="stable")[: asked.items].tolist()
        for way, anew in WAYS.items():
            start = time.perf_counter()
            made[way] += explain(
                fitted, cards, forecast, chance, rows, k=settings.top, seed=settings.seed, anew=anew
            )
            seconds[way] += time.perf_counter() - start
            print(f"{cards.cutoff:%Y-%m-%d} {way}: {time.perf_counter() - start:.0f} s", flush=True)
    for way, found in made.items():
        print(f"\n## {way}\n")
        for each in found[: asked.show]:
            print(f"- {each.source}, {each.tries}: {each.text}")
        for text in [text for each in found for text in each.refused][: asked.show]:
            print(f"- refused: {text}")
    print("\n| way | held at first | within two | within five | distinct-2 | s a text, drivers included |")
    print("|---|---:|---:|---:|---:|---:|")
    print("\n".join(said(way, found, seconds[way]) for way, found in made.items()))


if __name__ == "__main__":
    main()
