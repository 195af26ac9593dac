"""Rolling-origin backtests of a task, metrics, significance, champion, report."""

from trail.evaluate.backtest import backtest
from trail.evaluate.champion import Champion, OwnValidation
from trail.evaluate.metrics import METRICS, Metric
from trail.evaluate.origins import Origins, origins
from trail.evaluate.outcome import Outcome
from trail.evaluate.page import Section
from trail.evaluate.report import write_report
from trail.evaluate.rows import Bin, Results, Riser, Row, fingerprint, read_rows, write_rows
from trail.evaluate.scopes import FAMILIES
from trail.evaluate.significance import Comparison, compare
from trail.evaluate.summary import markdown, summarise
from trail.evaluate.task import Task, Window
from trail.evaluate.verdict import Verdict, judge

__all__ = [
    "FAMILIES",
    "METRICS",
    "Bin",
    "Champion",
    "Comparison",
    "Metric",
    "Origins",
    "Outcome",
    "OwnValidation",
    "Results",
    "Riser",
    "Row",
    "Section",
    "Task",
    "Verdict",
    "Window",
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
