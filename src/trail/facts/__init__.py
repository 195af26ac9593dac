"""A card in words and back: render (plain sentences), read (text -> claims), verify (claims x card -> verdicts)."""
