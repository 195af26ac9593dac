"""Sealed snapshots scored when their period is over: figures beside the prior's, and how often reasons held."""

from trail.evaluate.scorecard.card import Latest, Refused, Scorecard, Waiting
from trail.evaluate.scorecard.figures import FORECASTERS, LABELS, SCOPES, Figure, figures
from trail.evaluate.scorecard.first import First, first
from trail.evaluate.scorecard.happened import Happened, happened, is_over, known_on
from trail.evaluate.scorecard.page import PAGE, as_dict, write_scorecard
from trail.evaluate.scorecard.reasons import Reason, Tally, group_of, reasons, tally
from trail.evaluate.scorecard.record import record
from trail.evaluate.scorecard.rows import read_scores, renamed, write_scores
from trail.evaluate.scorecard.score import Head, Score, score
from trail.evaluate.scorecard.words import means, sections, verdict

__all__ = [
    "FORECASTERS",
    "LABELS",
    "PAGE",
    "SCOPES",
    "Figure",
    "First",
    "Happened",
    "Head",
    "Latest",
    "Reason",
    "Refused",
    "Score",
    "Scorecard",
    "Tally",
    "Waiting",
    "as_dict",
    "figures",
    "first",
    "group_of",
    "happened",
    "is_over",
    "known_on",
    "means",
    "read_scores",
    "reasons",
    "record",
    "renamed",
    "score",
    "sections",
    "tally",
    "verdict",
    "write_scorecard",
    "write_scores",
]
