"""A small deterministic forecaster in place of the language model, with the same interface."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from trail.baselines import Decayed
from trail.facts import Driver, Outlook, plain, verify
from trail.signals import Card
from trail.snapshots import Explained

FINGERPRINT = "feedfacecafebeef"
#: What the stand-ins were called with, so that tests can see it.
calls: list[tuple] = []
#: Which models were trained, and in whose folder the state before their language stage is kept, if in any.
shared: list[tuple] = []


@dataclass(frozen=True)
class Standin:
    """The prior times 1.1 on the ten highest; times 1.2 with its whole correction."""

    prior: Decayed = field(default_factory=lambda: Decayed(options=(1.0,)))
    name: str = "trail"
    fingerprint: str = FINGERPRINT
    factor: float = 1.1

    @property
    def metrics(self):
        return {
            "prior": "decayed",
            "shrinkage": {"text": 0.5, "numbers": 0.0},
            "relative_loss": {"prior": 0.92, "text": 0.91, "numbers": 0.92},
            "gain": {"text": (0.01, 0.004), "numbers": (0.0, 0.0)},
        }

    def fit(self, history):
        calls.append(("fit", len(history)))
        return replace(self, prior=self.prior.fit(history))

    def without_text(self):
        return replace(self, name="no_llm_head")

    def without_titles(self):
        return replace(self, name="trail_hidden")

    def whole(self):
        whole = {"trail": "trail_full", "no_llm_head": "no_llm_full"}
        return replace(self, name=whole.get(self.name, self.name), factor=1.2)

    def reading_once(self):
        return self

    def named(self, label):
        return replace(self, name=label or "trail")

    def prior_forecast(self, cards):
        return self.prior.predict(cards)

    def predict(self, cards):
        prior = self.prior_forecast(cards)
        top = np.argsort(-prior.score, kind="stable")[:10]
        factor, names = np.ones(len(prior)), prior.forecaster.copy()
        factor[top], names[top] = self.factor, self.name
        scaled = {each: getattr(prior, each) * factor for each in ("expected", "q10", "q50", "q90", "score")}
        return replace(prior, **scaled, forecaster=names)


def train(history, settings, folder, *, resume=False, report=None, scored=None, code=""):
    calls.append(("train", len(history), max(each.known_from for each in history), resume))
    shared.append((folder.name, scored and scored.parent.name))
    folder.mkdir(parents=True, exist_ok=True)
    for done in range(3):
        if report:
            report("score", done + 1, 3)
    (folder / "config.json").write_text(json.dumps(settings.as_dict()))
    return Standin().fit(history)


def load(folder: Path):
    assert (folder / "config.json").is_file()
    return Standin()


@dataclass(frozen=True)
class Told:
    """What may be said of an item."""

    slate: int
    row: int
    card: Card
    outlook: Outlook
    drivers: tuple[Driver, ...]


@dataclass(frozen=True)
class Written(Explained):
    """A text of the stand-in, whose first try holds."""

    tries: int = 1


def tell(cards, forecast, p_top, rows, drivers, *, k):
    ranks = np.empty(len(forecast), dtype=int)
    ranks[np.argsort(-forecast.score, kind="stable")] = np.arange(1, len(forecast) + 1)
    told = []
    for row, moved in zip(rows, drivers, strict=True):
        numbers = (float(getattr(forecast, each)[row]) for each in ("expected", "q10", "q90"))
        outlook = Outlook(*numbers, p_top=float(p_top[row]), k=k, rank=int(ranks[row]))
        told.append(SimpleNamespace(row=int(row), card=cards.card(int(row)), outlook=outlook, drivers=moved))
    return told


def tell_own(forecaster, cards, forecast, p_top, rows, *, k):
    drivers = (Driver("level_three", 0.3), Driver("change", -0.1))
    return tell(cards, forecast, p_top, rows, [drivers] * len(rows), k=k)


def put_in_words(writer, told, *, seed=0):
    calls.append(("explain", [each.row for each in told], told[0].outlook.k if told else 0, seed))
    found = []
    for each in told:
        text = plain(each.card, each.outlook, each.drivers)
        read = verify(text, each.card, each.outlook)
        found.append(Written(each.card.item_id, text, read, each.drivers, "model"))
    return found


def explain(forecaster, cards, forecast, p_top, rows, *, k, seed=0):
    return put_in_words(forecaster, tell_own(forecaster, cards, forecast, p_top, rows, k=k), seed=seed)


@dataclass(frozen=True)
class Unasked(Decayed):
    """In place of the untuned backbone: it is silent for all but two items."""

    told: Callable[[int, int], None] = print

    @classmethod
    def of(cls, settings, told):
        calls.append(("untuned", settings.shortlist))
        return cls(options=(1.0,), told=told)

    @property
    def name(self):
        return "untuned"

    def predict(self, cards):
        self.told(len(cards), 2)
        return super().predict(cards)


def untuned(settings, told):
    """It has something to say of all items but the first."""
    calls.append(("untuned texts", settings.shortlist))
    return ["", *(f"{each.card.item_id} is, is, {each.outlook.expected:.0f}." for each in told[1:])]


FORECAST_STAGE = SimpleNamespace(train=train, load=load, tell=tell, Untuned=Unasked, Told=Told)
EXPLAIN_STAGE = SimpleNamespace(explain=explain, put_in_words=put_in_words, tell=tell_own, untuned=untuned)
