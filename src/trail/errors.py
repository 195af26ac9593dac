"""One tree of errors: what was found, what was expected, where, and what to do."""

from __future__ import annotations


class TrailError(Exception):
    """An error whose message is written for the person who can mend it.

    Args:
        found: What was found, as a sentence without its full stop.
        expected: What was expected instead.
        where: File, row, column, key or command.
        fix: The one thing to do next.
    """

    exit_code = 1

    def __init__(self, found: str, *, expected: str = "", where: str = "", fix: str = "") -> None:
        self.found, self.expected, self.where, self.fix = found, expected, where, fix
        parts = [
            found,
            f"expected {expected}" if expected else "",
            f"in {where}" if where else "",
            fix,
        ]
        super().__init__("; ".join(part for part in parts if part))

    def as_dict(self) -> dict[str, str | int]:
        """Returns the error as the `--json` output shows it."""
        return {
            "error": type(self).__name__,
            "exit_code": self.exit_code,
            "found": self.found,
            "expected": self.expected,
            "where": self.where,
            "fix": self.fix,
        }


class ConfigError(TrailError):
    """The command line or `trail.toml` asks for something that cannot be done."""

    exit_code = 2


class DataError(TrailError):
    """The log or the catalogue is not what the contract says."""

    exit_code = 3


class MissingError(DataError):
    """What was asked for by its name is not there."""


class EngineError(TrailError):
    """The database, the disk or the runner failed."""

    exit_code = 4


class ModelError(TrailError):
    """The backbone, a checkpoint or the training failed."""

    exit_code = 5
