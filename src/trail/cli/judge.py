"""`trail judge ...`: explanations compared blind, one command a step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trail.cli.commands import Folder, Json, answer
from trail.cli.progress import reporting
from trail.cli.values import moment

steps = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
At = Annotated[str, typer.Option("--at", help="Cutoff of the snapshot; default that of the latest sheet.")]


@steps.callback()
def _all() -> None:
    """Compares explanations blind, by people and by machines: sheet, read or ask, agree."""


@steps.command(epilog="Example: trail judge sheet shop --untuned --items 20")
def sheet(
    folder: Folder,
    at: Annotated[str, typer.Option("--at", help="Cutoff of the snapshot; default the latest.")] = "",
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            "--texts",
            metavar="FILE",
            help="Texts of another source: Parquet or JSON lines of item_id, source and text; may be repeated.",
        ),
    ] = None,
    untuned: Annotated[
        bool,
        typer.Option(
            "--untuned",
            help="Also let the language model without any tuning write of the same items now; nobody checks its texts.",
        ),
    ] = False,
    items: Annotated[int, typer.Option("--items", min=1, help="Items drawn, at most.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of items, order and sides.")] = 0,
    as_json: Json = False,
) -> None:
    """Makes a page on which people compare explanations two by two, not knowing whose they are.

    Compared are the texts that the model wrote, the plain renderings of the same facts, and those of --untuned and --texts. The
    page needs no network and keeps its answers in the browser until they are downloaded. The key beside it says
    whose text is which: do not hand it out.
    """
    from trail.cli.judged import of_sheet, show_sheet
    from trail.operations.sheets import sheet as make

    with reporting() as report:
        done = make(
            folder,
            at=moment(at, "--at"),
            texts=texts or (),
            untuned=untuned,
            items=items,
            seed=seed,
            report=report,
        )
    answer(done, as_json, of_sheet, show_sheet)


@steps.command(epilog="Example: trail judge read shop answers-ada.json answers-ben.json")
def read(
    folder: Folder,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="What the page downloaded, a file a person.")
    ],
    at: At = "",
    as_json: Json = False,
) -> None:
    """Keeps the answers of people; where one file is bad, none is kept."""
    from trail.cli.judged import of_read, show_read
    from trail.operations import judging

    answer(judging.read(folder, files, at=moment(at, "--at")), as_json, of_read, show_read)


@steps.command(epilog="Example: trail judge ask shop --url http://localhost:8000/v1 --model my-model")
def ask(
    folder: Folder,
    url: Annotated[
        str,
        typer.Option(
            "--url", help="A server that speaks /v1/chat/completions, such as http://localhost:8000/v1."
        ),
    ],
    model: Annotated[str, typer.Option("--model", help="The model's name there.")],
    at: At = "",
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds that one answer may take.")
    ] = 120.0,
    as_json: Json = False,
) -> None:
    """Asks a language model to compare the same texts, each two in both orders.

    Its verdict counts only where both orders agree, else it is a tie; how often they disagree is reported. An API
    key is read from the environment variable TRAIL_JUDGE_KEY and from nowhere else. Answers are kept as they come: the
    same command goes on where it stopped.
    """
    from trail.cli.judged import of_ask, show_ask
    from trail.operations import judging

    with reporting() as report:
        done = judging.ask(folder, url, model, at=moment(at, "--at"), timeout=timeout, report=report)
    answer(done, as_json, of_ask, show_ask)


@steps.command(epilog="Example: trail judge agree shop")
def agree(folder: Folder, at: At = "", as_json: Json = False) -> None:
    """Says who was preferred, how far the judges agree, and how the texts measure.

    Win rates by pair of sources with 95% bootstrap intervals over items, Krippendorff's alpha between the judges, the
    position bias of machines, and measures of each source's texts; figures.json holds the same.
    """
    from trail.cli.judged import of_agree, show_agree
    from trail.operations import judging

    answer(judging.agree(folder, at=moment(at, "--at")), as_json, of_agree, show_agree)
