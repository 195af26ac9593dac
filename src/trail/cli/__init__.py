"""The command line: a thin skin over `trail.operations`."""

from trail.cli import lists, nightly, serving
from trail.cli.commands import app
from trail.cli.doctor import checks
from trail.cli.judge import steps
from trail.cli.keys import keys

app.add_typer(checks, name="doctor")
app.add_typer(steps, name="judge")
app.add_typer(keys, name="keys")


def main() -> None:
    """Runs the command line and exits: 0 done, 2 usage or config, 3 data, 4 engine, 5 model."""
    app()


__all__ = ["app", "lists", "main", "nightly", "serving"]
