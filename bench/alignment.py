"""Does the tuned model prefer true texts to corrupted ones, and find the card of a text? Before and after, and without the term.

python bench/alignment.py runs/online_retail_ii                 before tuning, the project's model, and without the contrast term
python bench/alignment.py runs/online_retail_ii --origins 2 --items 40 --models before,trail
python bench/alignment.py runs/online_retail_ii --top           the first hundred of the forecast, most of them known from lessons

The models are those of the project's backtest: they know nothing after its first test origin, and are trained now, as a
backtest trains them, where they are not there yet. All are asked about the same items, forecasts, drivers and texts, at the
test origins. Held out of the lessons: those origins, one item in ten, the wordings, and two kinds of corruption. Rows and
figures go to <project>/reports/alignment/, or alignment-top/.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from trail.engine import write_table
from trail.errors import TrailError
from trail.evaluate.alignment import AlignmentFigure, alignment_figures, alignment_table
from trail.evaluate.flat import table_of
from trail.explain import Exam, Preferred, Retrieved, align, examine, without_tuning
from trail.forecast import TrailForecaster, load
from trail.operations.backtesting import origins_of
from trail.operations.candidates import Candidate
from trail.operations.data import prepare
from trail.operations.history import labelled
from trail.operations.workspace import Workspace
from trail.signals import known_at

#: The backbone as packaged with fresh heads, the project's model, and the ablation, by their names in the rows.
BEFORE, OURS, WITHOUT = "before", "trail", "trail_no_contrast"
MODELS = (BEFORE, OURS, WITHOUT)


def candidate_of(folder: Path) -> Candidate:
    """Returns the model of a project's backtest, trained or not."""
    workspace = Workspace.open(folder)
    data = prepare(workspace)
    found = origins_of(workspace, data)
    return Candidate(workspace, data, labelled(data, found.all, workspace), found.test[0])


def ours_of(candidate: Candidate, name: str = "") -> tuple[str, TrailForecaster]:
    """Returns a finished model by its name, else that of the project's backtest, trained where it is not there."""
    if not name:
        return candidate.model.name, candidate.trained(progress)
    return name, load(candidate.workspace.models / name)


def exams_of(
    candidate: Candidate, ours: TrailForecaster, origins: int, items: int, *, top: bool
) -> Iterator[Exam]:
    """Yields what is asked at each of the first test origins, by our own forecast."""
    settings = candidate.workspace.project.forecast
    later = [each for each in candidate.history if each.cards.cutoff >= candidate.first]
    for example in later[:origins]:
        start, cards = time.perf_counter(), example.cards
        fitted = ours.fit(known_at(candidate.history, cards.cutoff))
        yield examine(fitted, cards, k=settings.top, seed=settings.seed, size=items, unseen_first=not top)
        print(
            f"{cards.cutoff:%Y-%m-%d}: {time.perf_counter() - start:.0f} s to forecast and find drivers",
            flush=True,
        )


def models_of(
    candidate: Candidate, ours: TrailForecaster, names: Sequence[str]
) -> Iterator[tuple[str, TrailForecaster]]:
    """Yields the models asked for, one in memory beside ours at a time."""
    for name in names:
        if name == BEFORE:
            yield name, without_tuning(ours)
        elif name == OURS:
            yield name, ours
        elif (variant := candidate.without(name)) is not None:
            yield name, variant.trained(progress)
        else:
            print(f"{name}: the project's own settings are without it already")


def progress(stage: str, done: float, total: float) -> None:
    """Prints the beginning and the end of every stage of training."""
    if done in (0, total):
        print(f"  {stage}: {done:.0f} of {total:.0f}", flush=True)


def write(
    folder: Path,
    preferred: Sequence[Preferred],
    retrieved: Sequence[Retrieved],
    figures: Sequence[AlignmentFigure],
) -> None:
    """Writes rows and figures as Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows, kind in (
        ("preferred", preferred, Preferred),
        ("retrieved", retrieved, Retrieved),
        ("figures", figures, AlignmentFigure),
    ):
        write_table(table_of(rows, kind), folder / f"{name}.parquet")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path, help="folder with trail.toml")
    parser.add_argument("--origins", type=int, default=4, help="test origins, the first ones")
    parser.add_argument(
        "--items", type=int, default=100, help="cards a cutoff, among which a text must find its own"
    )
    parser.add_argument(
        "--top", action="store_true", help="ask about the first of the forecast, seen in lessons or not"
    )
    parser.add_argument("--models", default=",".join(MODELS), help=f"of {', '.join(MODELS)}")
    parser.add_argument("--seed", type=int, default=0, help="of the texts and of the bootstrap")
    parser.add_argument("--batch", type=int, default=8, help="cards a forward pass")
    asked = parser.parse_args()
    names = asked.models.split(",")
    if unknown := set(names) - set(MODELS):
        parser.error(f"--models: {', '.join(sorted(unknown))}; expected some of {', '.join(MODELS)}")
    try:
        candidate = candidate_of(asked.project)
        ours = candidate.trained(progress)
        exams = list(exams_of(candidate, ours, asked.origins, asked.items, top=asked.top))
        preferred: list[Preferred] = []
        retrieved: list[Retrieved] = []
        for name, model in models_of(candidate, ours, names):
            start = time.perf_counter()
            rows, places = align(model, exams, model=name, seed=asked.seed, batch=asked.batch)
            preferred, retrieved = preferred + rows, retrieved + places
            print(f"{name}: {time.perf_counter() - start:.0f} s for {len(places)} cards", flush=True)
    except TrailError as error:
        parser.exit(2, f"{error}\n")
    figures = alignment_figures(preferred, retrieved, seed=asked.seed)
    target = asked.project / "reports" / ("alignment-top" if asked.top else "alignment")
    write(target, preferred, retrieved, figures)
    print(f"\nItems that no lesson spoke of:\n\n{alignment_table(figures)}")
    print(f"\nAll items:\n\n{alignment_table(figures, 'all')}\n\n{target}")


if __name__ == "__main__":
    main()
