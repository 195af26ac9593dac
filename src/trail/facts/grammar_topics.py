"""The frames with a head word of their own, in the order in which they may take tokens."""

from __future__ import annotations

from trail.facts.grammar_forecast import outlook
from trail.facts.grammar_peaks import peak
from trail.facts.grammar_ranks import rank
from trail.facts.grammar_runs import acceleration, active, age, series, streak, total
from trail.facts.grammar_shares import apiece, heavy, late, price, share, versus

TOPICS = (
    outlook,
    late,
    apiece,
    heavy,
    streak,
    series,
    active,
    age,
    rank,
    versus,
    share,
    total,
    peak,
    price,
    acceleration,
)
