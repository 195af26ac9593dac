"""Drivers, writer, retries, receipts: texts that were checked before anyone sees them; and what the model learned of them."""

from trail.explain.alignment import Exam, Preferred, Retrieved, align, examine, without_tuning
from trail.explain.explanation import Explanation, explain, put_in_words, tell
from trail.explain.writer import untuned, write

__all__ = [
    "Exam",
    "Explanation",
    "Preferred",
    "Retrieved",
    "align",
    "examine",
    "explain",
    "put_in_words",
    "tell",
    "untuned",
    "without_tuning",
    "write",
]
