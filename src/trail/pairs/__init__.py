"""Cards -> training examples: score pairs, true texts and corrupted ones."""

from trail.pairs.corrupt import Corruption, corrupt, corrupt_any
from trail.pairs.scores import score_pairs
from trail.pairs.texts import true_text

__all__ = ["Corruption", "corrupt", "corrupt_any", "score_pairs", "true_text"]
