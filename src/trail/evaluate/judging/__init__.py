"""Blind pairwise judging of explanations, by people and by machines.

A sheet is made from a sealed snapshot: `sheet.html` for people, `key.json` with whose text is which. Answers of people
(`people/`) and of machines (`machines/`) become votes, and votes become figures.
"""

from trail.evaluate.judging.agreement import krippendorff_alpha
from trail.evaluate.judging.comparisons import (
    CHOICES,
    FIRST,
    PLAIN,
    QUESTIONS,
    SECOND,
    TIE,
    TRAIL,
    Comparison,
    Sheet,
    make_sheet,
)
from trail.evaluate.judging.endpoint import Endpoint
from trail.evaluate.judging.figures import Agreement, Figures, WinRate, figures
from trail.evaluate.judging.folder import FIGURES, KEY, SHEET, as_page, read_sheet, write_sheet
from trail.evaluate.judging.machine import Asked, ask_machine, kept_asked
from trail.evaluate.judging.people import Answers, keep_answers, kept_answers, read_answers
from trail.evaluate.judging.votes import Swaps, Vote, of_machine, of_person, swaps
from trail.evaluate.judging.written import read_texts

__all__ = [
    "CHOICES",
    "FIGURES",
    "FIRST",
    "KEY",
    "PLAIN",
    "QUESTIONS",
    "SECOND",
    "SHEET",
    "TIE",
    "TRAIL",
    "Agreement",
    "Answers",
    "Asked",
    "Comparison",
    "Endpoint",
    "Figures",
    "Sheet",
    "Swaps",
    "Vote",
    "WinRate",
    "as_page",
    "ask_machine",
    "figures",
    "keep_answers",
    "kept_answers",
    "kept_asked",
    "krippendorff_alpha",
    "make_sheet",
    "of_machine",
    "of_person",
    "read_answers",
    "read_sheet",
    "read_texts",
    "swaps",
    "write_sheet",
]
