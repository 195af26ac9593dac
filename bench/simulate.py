"""Can the forecast be told from its text alone? A surrogate reads the texts of sealed snapshots, the forecast itself masked.

python bench/simulate.py runs/online_retail_ii/snapshots/*
python bench/simulate.py runs/online_retail_ii/snapshots/* --texts untuned=untuned.jsonl --to simulated.parquet

Compared are the texts as shown, plain renderings, plain renderings with all signals (the ceiling), texts dealt to other items
(chance), and texts given as JSON lines with cutoff, item_id and text, one for every item shown. Snapshots of one log, of
different cutoffs, with many explained items: `trail forecast PROJECT --at DATE --explain 50`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from trail.engine import write_table
from trail.errors import TrailError
from trail.evaluate.flat import table_of
from trail.evaluate.simulate import Simulated, simulatability, simulated_table, texts_of_origins
from trail.snapshots import open_unaltered


def named(text: str) -> tuple[str, Path]:
    """Reads NAME=FILE."""
    name, mark, path = text.partition("=")
    if not mark or not name or not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"{text!r}; expected NAME=FILE with a file that exists")
    return name, Path(path)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("snapshots", type=Path, nargs="+", help="folders of snapshots of one log")
    parser.add_argument(
        "--texts", type=named, action="append", default=[], metavar="NAME=FILE", help="other texts"
    )
    parser.add_argument("--seed", type=int, default=0, help="of folds, shuffle and bootstrap")
    parser.add_argument("--to", type=Path, help="Parquet file for the rows")
    asked = parser.parse_args()
    start = time.perf_counter()
    try:
        given = {name: texts_of_origins(path) for name, path in asked.texts}
        rows = simulatability([open_unaltered(each) for each in asked.snapshots], given, seed=asked.seed)
    except TrailError as error:
        parser.exit(3, f"{error}\n")
    first = rows[0]
    print(
        f"{first.texts} texts of {first.cutoffs} cutoffs, {first.by_model} of those shown written by the model"
    )
    print(f"{time.perf_counter() - start:.0f} s\n\n{simulated_table(rows)}")
    if asked.to:
        write_table(table_of(rows, Simulated), asked.to)


if __name__ == "__main__":
    main()
