"""Rolling-origin backtests, metrics, significance, report."""

from trail.evaluate.backtest import SCOPES, backtest
from trail.evaluate.metrics import METRICS, Metric
from trail.evaluate.origins import Origins, origins
from trail.evaluate.outcome import Outcome
from trail.evaluate.report import Section, write_report
from trail.evaluate.rows import Row, fingerprint, read_rows, write_rows
from trail.evaluate.significance import Comparison, compare
from trail.evaluate.summary import markdown, summarise
from trail.evaluate.verdict import Verdict, judge

__all__ = [
    "METRICS",
    "SCOPES",
    "Comparison",
    "Metric",
    "Origins",
    "Outcome",
    "Row",
    "Section",
    "Verdict",
    "backtest",
    "compare",
    "fingerprint",
    "judge",
    "markdown",
    "origins",
    "read_rows",
    "summarise",
    "write_report",
    "write_rows",
]
