"""What a judging came to, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from trail.cli.show import say, table
from trail.evaluate.judging import Answers, Swaps
from trail.operations.judging import Agreed, MachineAsked
from trail.operations.sheets import Prepared

_RATES = ("judges", "question", "a", "b", "a preferred", "95% interval", "wins", "ties", "losses", "items")
_SWAPS = ("machine", "question", "both orders", "disagreed", "share", "first preferred", "unreadable")


def of_sheet(done: Prepared) -> dict[str, Any]:
    """Returns `trail judge sheet --json`."""
    return {
        "page": done.page,
        "key": done.key,
        "sheet": done.sheet.id,
        "snapshot": done.sheet.snapshot,
        "comparisons": len(done.sheet.comparisons),
        "sources": done.sheet.sources,
        "stepped_in": done.stepped_in,
        "unused": done.unused,
        "already": done.already,
    }


def show_sheet(done: Prepared, console: Console) -> None:
    """Prints where the page and its key lie, and what is not compared."""
    made = done.sheet
    items = len({each.item_id for each in made.comparisons})
    console.print(
        f"{len(made.comparisons)} comparisons of {escape(', '.join(made.sources))} about {_items(items)}"
        f"{', already there' if done.already else ''}",
        soft_wrap=True,
    )
    if done.stepped_in:
        console.print(
            f"a plain rendering stands in for {_items(done.stepped_in)} that the model wrote no text about"
        )
    if done.unused:
        console.print(
            f"[yellow]not used[/]: texts about {_items(len(done.unused))} that the snapshot does not explain"
        )
    say(f"page for judges: {done.page}\nkey, not for judges: {done.key}", console)


def of_read(done: Sequence[Answers]) -> dict[str, Any]:
    """Returns `trail judge read --json`."""
    return {"read": [{"judge": each.judge, "answers": each.count} for each in done]}


def show_read(done: Sequence[Answers], console: Console) -> None:
    """Prints whose answers were kept."""
    for each in done:
        console.print(f"kept: {each.count} answers of {escape(each.judge)}")


def of_ask(done: MachineAsked) -> dict[str, Any]:
    """Returns `trail judge ask --json`."""
    return {
        "model": done.model,
        "comparisons": done.comparisons,
        "asked_now": done.asked_now,
        "swaps": _swaps(done.swaps),
    }


def _swaps(lines: Sequence[Swaps]) -> list[dict[str, Any]]:
    return [{**vars(each), "share": each.share} for each in lines]


def show_ask(done: MachineAsked, console: Console) -> None:
    """Prints how far a machine's answers depend on the order of the texts."""
    console.print(f"{done.asked_now} answers now, of {2 * done.comparisons} in all")
    _show_swaps(done.swaps, console)


def _show_swaps(lines: Sequence[Swaps], console: Console) -> None:
    rows = [(s.judge, s.question, s.asked, s.disagreed, s.share, s.first, s.unread) for s in lines]
    console.print(table("the same texts in both orders", _SWAPS, rows, left=2))


def of_agree(done: Agreed) -> dict[str, Any]:
    """Returns `trail judge agree --json`: what `figures.json` holds."""
    return {"figures": done.path, **done.figures.as_dict()}


def show_agree(done: Agreed, console: Console) -> None:
    """Prints win rates, agreement, position bias and the measures of the texts."""
    found = done.figures
    voted = ", ".join(f"{name} ({number})" for name, number in found.judges.items())
    console.print(f"answers of {escape(voted)}", soft_wrap=True)
    rates = [
        (
            r.judges,
            r.question,
            r.a,
            r.b,
            r.rate,
            f"{r.low:.2f}-{r.high:.2f}",
            r.wins,
            r.ties,
            r.losses,
            r.items,
        )
        for r in found.win_rates
    ]
    console.print(table("who was preferred, a tie counting half", _RATES, rates, left=4))
    if found.agreements:
        alphas = [(a.judges, a.question, a.number, a.shared, a.alpha) for a in found.agreements]
        columns = ("judges", "question", "number", "comparisons shared", "alpha")
        console.print(table("agreement (Krippendorff, nominal)", columns, alphas, left=2))
    if found.swaps:
        _show_swaps(found.swaps, console)
    names = tuple(found.texts[0].values) if found.texts else ()
    measures = [(t.source, t.texts, t.words, *(t.values[name] for name in names)) for t in found.texts]
    console.print(table("the texts", ("source", "texts", "words", *names), measures))
    say(f"figures: {done.path}", console)


def _items(number: int) -> str:
    return f"{number} item{'s' if number != 1 else ''}"
