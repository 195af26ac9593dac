"""The verbs of TRAIL: short functions over a project's folder; command line and service are skins over them."""

from trail.operations.backtesting import Backtested, backtest
from trail.operations.causes import Moves
from trail.operations.demo import NOTICE, Demonstrated, demo
from trail.operations.doctor import Diagnosis, leaks
from trail.operations.estimating import Estimate
from trail.operations.explaining import ItemExplained, Receipt, explain, receipts
from trail.operations.forecasting import Forecasted, forecast
from trail.operations.initialising import Initialised, guessed, init
from trail.operations.moving import moves
from trail.operations.nightly import run
from trail.operations.planning import Plan, Trouble, plan
from trail.operations.publishing import Published, publish, published_snapshot
from trail.operations.querying import query
from trail.operations.reasoning import Reasoned, reasons
from trail.operations.scoring import Scored, scorecard
from trail.operations.steps import Run, Step
from trail.operations.training import Trained, train
from trail.operations.verifying import diff, verify

__all__ = [
    "NOTICE",
    "Backtested",
    "Demonstrated",
    "Diagnosis",
    "Estimate",
    "Forecasted",
    "Initialised",
    "ItemExplained",
    "Moves",
    "Plan",
    "Published",
    "Reasoned",
    "Receipt",
    "Run",
    "Scored",
    "Step",
    "Trained",
    "Trouble",
    "backtest",
    "demo",
    "diff",
    "explain",
    "forecast",
    "guessed",
    "init",
    "leaks",
    "moves",
    "plan",
    "publish",
    "published_snapshot",
    "query",
    "reasons",
    "receipts",
    "run",
    "scorecard",
    "train",
    "verify",
]
