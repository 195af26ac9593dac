"""Cards -> training examples: score pairs, true and corrupted texts."""
