"""Rolling-origin backtests of a task, metrics, significance, champion, report."""

from trail.evaluate.backtest import backtest
from trail.evaluate.champion import Champion, OwnValidation
from trail.evaluate.ground import Ground, Plant, Planted
from trail.evaluate.leaks import Finding, Inspection, Method, find_leaks
from trail.evaluate.metrics import METRICS, Metric
from trail.evaluate.origins import Origins, origins
from trail.evaluate.outcome import Outcome
from trail.evaluate.page import Section
from trail.evaluate.plants import PLANTS
from trail.evaluate.report import write_report
from trail.evaluate.rows import Bin, Results, Riser, Row, read_rows, write_rows
from trail.evaluate.scopes import FAMILIES
from trail.evaluate.significance import Comparison, compare
from trail.evaluate.summary import markdown, summarise
from trail.evaluate.task import Task, Window
from trail.evaluate.verdict import Verdict, judge

__all__ = [
    "FAMILIES",
    "METRICS",
    "PLANTS",
    "Bin",
    "Champion",
    "Comparison",
    "Finding",
    "Ground",
    "Inspection",
    "Method",
    "Metric",
    "Origins",
    "Outcome",
    "OwnValidation",
    "Plant",
    "Planted",
    "Results",
    "Riser",
    "Row",
    "Section",
    "Task",
    "Verdict",
    "Window",
    "backtest",
    "compare",
    "find_leaks",
    "judge",
    "markdown",
    "origins",
    "read_rows",
    "summarise",
    "write_report",
    "write_rows",
]
