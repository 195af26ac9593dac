"""Lines of a log: one a message, whatever words of the data or of a client are in it."""

from __future__ import annotations

import traceback

from trail.service.keys import redacted


def one_line(text: str) -> str:
    """Returns a text with its control characters, and what else would break or hide a line, as escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def trace_line(error: BaseException) -> str:
    """Returns an error and where it was raised in one line, the secret of every key in it struck out."""
    return one_line(redacted("".join(traceback.format_exception(error)).strip()))
