"""Backbone, score head and explanation decoder; losses; training; checkpoints. torch lives here."""
