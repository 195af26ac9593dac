"""Drivers, writer, retries, receipts: texts that were checked before anyone sees them."""

from trail.explain.explanation import Explanation, explain, tell
from trail.explain.writer import write

__all__ = ["Explanation", "explain", "tell", "write"]
