"""Results as tables and sentences for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from trail.baselines import Launch
from trail.evaluate.scorecard import means, record, verdict
from trail.operations import (
    Forecasted,
    Initialised,
    ItemExplained,
    Moves,
    Plan,
    Receipt,
    Scored,
    Trained,
    guessed,
    receipts,
)
from trail.operations.alerting import Alerted
from trail.operations.causes import PARTS
from trail.operations.exporting import Exported
from trail.operations.naming import Covered, named
from trail.operations.wording import effect, figure, group
from trail.signals import Cards
from trail.snapshots import Move, Snapshot, SnapshotReport, read_manifest

_GOOD, _BAD = "[green]", "[red]"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> Table:
    """Returns a table whose first `left` columns are words and the others numbers."""
    made = Table(title=Text(title), title_justify="left", show_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        made.add_column(column, justify="left" if place < left else "right", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else number(cell) for cell in row))
    return made


def say(text: str, console: Console) -> None:
    """Prints a line as it is: in names and paths nothing is taken for markup."""
    console.print(text, markup=False, soft_wrap=True)


def number(value: object) -> str:
    """Returns a value as a cell: few digits, thousands apart, a dash for nothing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the only value that differs from itself
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"  # noqa: PLR2004 - enough digits
    return f"{value:,}" if isinstance(value, int) else escape(str(value))


def title_of(cards: Cards, item_id: str) -> str:
    """Returns an item's title, or its identifier where it has none."""
    return str(cards.card(cards.row_of(item_id)).metadata["title"] or item_id)


def show_forecast(done: Forecasted, console: Console, rows: int = 10) -> None:
    """Prints the first ranks, each with its text and the receipts of its claims."""
    snapshot = done.snapshot
    manifest = snapshot.manifest
    start, end = snapshot.cards.horizon.target_period(manifest.moment)
    first = snapshot.forecast.slice(0, rows).to_pylist()
    console.print(
        table(
            f"{manifest.events} from {start:%A %d %B %Y} until {end:%A %d %B}, {manifest.items:,} items",
            ("item", "by", "rank", "expected", "80% range", f"in top {manifest.k}", "prior"),
            [
                (
                    title_of(snapshot.cards, row["item_id"]),
                    row["forecaster"],
                    row["rank"],
                    row["expected"],
                    f"{number(row['q10'])}-{number(row['q90'])}",
                    f"{row['p_top']:.0%}",
                    row["prior"],
                )
                for row in first
            ],
            left=2,
        )
    )
    for row in first:
        _show_text(snapshot, row["item_id"], row["rank"], console)
    for row in first:
        if launches := snapshot.launches(row["item_id"]):
            name = f"{row['rank']}. {title_of(snapshot.cards, row['item_id'])}"
            console.print(f"\n{escape(f'{name} is new. {launches_line(launches)}')}", soft_wrap=True)
    console.print(f"\n{escape(' '.join((manifest.why, *done.notes)))}", soft_wrap=True)
    state = "already sealed" if done.already else "sealed"
    say(f"{state} in {snapshot.folder}\nseal {manifest.seal}", console)


def _show_text(snapshot: Snapshot, item_id: str, rank: int, console: Console) -> None:
    explanation = snapshot.explanation(item_id)
    if explanation is None:
        return
    source = "written by the model" if explanation.source == "model" else "plain rendering"
    console.print(f"\n[bold]{rank}. {escape(title_of(snapshot.cards, item_id))}[/] [dim]({source})[/]")
    console.print(escape(explanation.text))
    covered = Covered.of(snapshot.manifest)
    for receipt in receipts(explanation, snapshot.cards):
        console.print(f"   [dim]{escape(receipt_line(receipt, covered))}[/]")


def receipt_line(receipt: Receipt, covered: Covered) -> str:
    """Returns a receipt as one line: the verdict, the claim, what it is about with its days, the sealed value."""
    actual = "" if receipt.actual is None else f": {figure(receipt.actual, receipt.signal)}"
    return f'{receipt.verdict}: "{receipt.said}" <- {_about(receipt.signal, covered)}{actual}'


def _about(signal: str, covered: Covered) -> str:
    return named(signal or "context", covered, covered.noun)


def launches_line(launches: Sequence[Launch]) -> str:
    """Returns the past launches most like a new item as one line: each with how alike it is and what it came to then."""
    said = [f"{each.title} ({each.similarity:.2f} alike, then {number(each.count)})" for each in launches]
    return f"Its nearest launches: {'; '.join(said)}"


def show_explained(done: ItemExplained, console: Console) -> None:
    """Prints an item's forecast, its text, its drivers, and a table of receipts."""
    outlook = done.outlook
    console.print(f"[bold]{escape(done.title or done.item_id)}[/] [dim]({escape(done.item_id)})[/]")
    console.print(
        f"rank {outlook.rank}, expected {number(outlook.expected)} ({number(outlook.q10)} to "
        f"{number(outlook.q90)}), {outlook.p_top:.0%} to enter the top {outlook.k}"
    )
    if done.translation:
        console.print(Panel(escape(done.translation), expand=False))
        console.print(
            "[dim]made of the same facts as the English text, which is what was read and checked:[/]"
        )
    console.print(Panel(escape(done.explanation.text), expand=False))
    covered = Covered.of(read_manifest(done.snapshot))
    rows = [
        (
            each.said,
            _about(each.signal, covered),
            each.signal,
            each.verdict,
            *(figure(value, each.signal) for value in (each.stated, each.actual)),
        )
        for each in done.receipts
    ]
    columns = ("claim", "about", "signal", "verdict", "stated", "in data or forecast")
    console.print(table("receipts", columns, rows, left=4))
    for driver in done.explanation.drivers:
        said = f"{group(driver.signal)} {effect(driver.effect, outlook.expected)} ({_about(driver.signal, covered)}: {driver.signal})"
        console.print(f"driver: {escape(said)}", soft_wrap=True)
    if done.note:
        console.print(escape(done.note), soft_wrap=True)
    if done.launches:
        console.print(escape(launches_line(done.launches)), soft_wrap=True)
    if not done.sealed:
        console.print("[dim]written now: the snapshot does not hold this text[/]")


def show_trained(done: Trained, console: Console) -> None:
    """Prints where a model lies and its figures on validation origins."""
    state = "already trained" if done.already else "trained"
    say(f"{state}: {done.folder} on {done.cutoffs} cutoffs until {done.until:%Y-%m-%d}", console)
    flat = [(name, value) for name, value in done.metrics.items() if isinstance(value, int | float | str)]
    if flat:
        console.print(table("on validation origins", ("figure", "value"), flat))
    for note in done.notes:
        say(note, console)


def show_plan(done: Plan, console: Console) -> None:
    """Prints what was found, what each command takes, and every problem."""
    if done.facts:
        console.print(table("the log", ("what", "found"), done.facts.items(), left=2))
    if done.estimates:
        rows = [(e.command, e.minutes, e.memory_gb, e.disk_gb) for e in done.estimates]
        console.print(table("about, on two cores", ("command", "minutes", "memory GB", "disk GB"), rows))
    for trouble in done.troubles:
        console.print(f"{_BAD}problem[/] ({trouble.about}): {escape(trouble.what)}", soft_wrap=True)
    if not done.troubles:
        console.print(f"{_GOOD}nothing stands in the way[/]")


def show_verified(done: SnapshotReport, console: Console) -> None:
    """Prints what the checks of a snapshot found."""
    for problem in done.problems:
        console.print(f"{_BAD}altered[/] {escape(problem.where)}: {escape(problem.what)}", soft_wrap=True)
    if done.holds:
        console.print(
            f"{_GOOD}holds[/]: {done.items:,} items, {done.texts} texts, {done.claims} claims read again and true"
        )
    console.print(f"seal {done.seal}", soft_wrap=True)


def show_moves(moves: Sequence[Move], console: Console) -> None:
    """Prints who moved between two snapshots."""
    rows = [(_named(m), m.before, m.after, m.places, m.expected_before, m.expected_after) for m in moves]
    columns = ("item", "rank before", "rank after", "places", "expected before", "expected after")
    console.print(table("moves", columns, rows))


def _named(move: Move) -> str:
    return f"{move.item_id} {move.title or ''}".rstrip()


def show_why_moved(done: Moves, console: Console) -> None:
    """Prints what moved each item between two snapshots: places by cause that moved any, with the change of its expected count."""
    parts = [part for each in done.items for part in each.parts]
    causes = [name for name in PARTS if any(p.places or p.expected for p in parts if p.name == name)]
    rows = [
        (
            _named(each.move),
            each.move.before,
            each.move.after,
            *(f"{part.places:+d} ({part.expected:+,.1f})" for part in each.parts if part.name in causes),
            *([""] * (0 if each.parts else len(causes))),
        )
        for each in done.items
    ]
    title = f"from {done.older} to {done.newer}: places by cause (and expected count)"
    console.print(table(title, ("item", "rank before", "rank after", *causes), rows))


def show_exported(done: Exported, console: Console) -> None:
    """Prints where a snapshot was written."""
    state = "was there already" if done.already else "written"
    say(f"{done.items:,} items of {done.snapshot} (seal {done.seal[:16]}): {state}, {done.to}", console)


def show_alerted(done: Alerted, console: Console) -> None:
    """Prints what was delivered to webhooks."""
    console.print(f"{done.sent} messages delivered, {done.waiting} wait, {done.given_up} given up")
    if done.note:
        console.print(escape(done.note), soft_wrap=True)
    for trouble in done.troubles:
        console.print(f"{_BAD}not delivered[/] {escape(trouble)}", soft_wrap=True)


def show_initialised(done: Initialised, console: Console) -> None:
    """Prints what was guessed of the columns, and why."""
    console.print(table("guessed", ("of", "column", "is", "because"), guessed(done), left=4))
    project = done.project
    say(
        f"written: {done.path} (horizon {project.horizon_days} days, holidays of {project.country or 'nowhere'}, "
        f"one event is called {project.noun!r} in the plural); look through it, then run "
        f"`trail plan {done.path.parent}`",
        console,
    )


def show_scorecard(done: Scored, console: Console) -> None:
    """Prints what a scorecard says and its figures over active items; all of its tables are on its page."""
    for sentence in verdict(done.card):
        console.print(escape(sentence))
    for shown in means(done.card, ("active",)):
        rows = zip(*shown.table.values(), strict=True)
        heads = [head.removeprefix("active, ") for head in shown.table]
        console.print(table(f"{shown.title}, active items", heads, [[*map(str, row)] for row in rows]))
    if done.card.tallies:
        shown = record(done.card.tallies)
        console.print(table(shown.title, list(shown.table), zip(*shown.table.values(), strict=True)))
    for wait in done.card.waiting:
        say(f"waiting, {wait.snapshot}: its period is known on {wait.known_on:%Y-%m-%d}", console)
    for each in done.card.refused:
        say(f"refused, {each.snapshot}: {each.why}", console)
    say(f"scored now: {len(done.fresh)}; by snapshot, by reason, all items: {done.page}", console)
