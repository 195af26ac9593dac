"""Predicts which items will be popular next and says why, in words that are checked against the data."""

__version__ = "0.1.0"
