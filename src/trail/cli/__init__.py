"""The command line: a thin skin over `trail.operations`."""

from trail.cli import lists, nightly
from trail.cli.commands import app
from trail.cli.doctor import checks
from trail.cli.judge import steps

app.add_typer(checks, name="doctor")
app.add_typer(steps, name="judge")


def main() -> None:
    """Runs the command line and exits: 0 done, 2 usage or config, 3 data, 4 engine, 5 model."""
    app()


__all__ = ["app", "lists", "main", "nightly"]
