"""Lines of a log: one a message, whatever words of the data or of a client are in it."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Returns a text with its control characters, and what else would break or hide a line, as escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
