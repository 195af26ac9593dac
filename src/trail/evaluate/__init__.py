"""Rolling-origin backtests, metrics, significance, report."""

from trail.evaluate.backtest import SCOPES, backtest
from trail.evaluate.leaks import Finding, Inspection, Method, find_leaks
from trail.evaluate.metrics import METRICS, Metric, Outcome
from trail.evaluate.origins import Origins, origins
from trail.evaluate.plants import PLANTS, Ground, Plant, Planted
from trail.evaluate.report import Section, write_report
from trail.evaluate.rows import Row, fingerprint, read_rows, write_rows
from trail.evaluate.significance import Comparison, compare
from trail.evaluate.summary import markdown, summarise
from trail.evaluate.verdict import Verdict, judge

__all__ = [
    "METRICS",
    "PLANTS",
    "SCOPES",
    "Comparison",
    "Finding",
    "Ground",
    "Inspection",
    "Method",
    "Metric",
    "Origins",
    "Outcome",
    "Plant",
    "Planted",
    "Row",
    "Section",
    "Verdict",
    "backtest",
    "compare",
    "find_leaks",
    "fingerprint",
    "judge",
    "markdown",
    "origins",
    "read_rows",
    "summarise",
    "write_report",
    "write_rows",
]
