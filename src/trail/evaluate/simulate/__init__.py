"""Simulatability: what a surrogate recovers of a forecast from its text alone, the forecast itself masked."""

from trail.evaluate.simulate.masking import HIDDEN, Masked, masked
from trail.evaluate.simulate.measure import DIRECTION, ORDER, Simulated, simulatability, simulated_table
from trail.evaluate.simulate.texts import CEILING, PLAIN, SHOWN, SHUFFLED, texts_of_origins

__all__ = [
    "CEILING",
    "DIRECTION",
    "HIDDEN",
    "ORDER",
    "PLAIN",
    "SHOWN",
    "SHUFFLED",
    "Masked",
    "Simulated",
    "masked",
    "simulatability",
    "simulated_table",
    "texts_of_origins",
]
