"""The trained tiny model, for the tests of this stage."""

from tests.model_fixtures import history, small, tiny_folder, trained

__all__ = ["history", "small", "tiny_folder", "trained"]
