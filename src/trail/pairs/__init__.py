"""Cards -> training examples: score pairs, and true texts made false."""

from trail.pairs.corrupt import HELD_OUT, TAUGHT, Corruption, corrupt, corrupt_any
from trail.pairs.scores import score_pairs

__all__ = ["HELD_OUT", "TAUGHT", "Corruption", "corrupt", "corrupt_any", "score_pairs"]
