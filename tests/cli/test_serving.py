"""Who makes the numbers of a forecast: the champion of the latest backtest, unless somebody is asked for."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.cli.conftest import CHEAP, learn_from, run
from trail.baselines import LastWindow
from trail.baselines.scope import ABSTAINED
from trail.operations import serving
from trail.operations.notes import of_abstained


def test_without_a_backtest_the_model_forecasts_and_says_so(shop):
    done = run("forecast", shop, "--explain", 3, "--top", 10, "--json")
    assert done.json["manifest"]["by"] == "trail"
    assert "no backtest" in done.json["manifest"]["why"]


def test_the_champion_is_served_with_its_margin(new_project, undrawn):
    folder = new_project()
    assert run("backtest", folder, "--origins", 3, "--until", "2024-05-20", "--no-model").code == 0
    (report,) = (folder / "reports").glob("backtest-*")
    champion = json.loads((report / "champion.json").read_text())
    assert champion["forecaster"] in CHEAP
    done = run("forecast", folder, "--explain", 2, "--json")
    assert done.code == 0, done.err
    manifest = done.json["manifest"]
    assert (manifest["by"], manifest["why"]) == (champion["forecaster"], " ".join(champion["words"]))
    assert "Its margin over" in manifest["why"]
    assert {row["forecaster"] for row in done.json["items"]} == {champion["forecaster"]}
    assert f"Champion, to be served: {champion['forecaster']}" in run("forecast", folder, "--explain", 2).out
    # asked for by name, somebody else is another forecast
    other = next(name for name in CHEAP if name != champion["forecaster"])
    assert run("forecast", folder, "--explain", 2, "--by", other).code == 2
    earlier = run("forecast", folder, "--at", "2024-05-13", "--explain", 0, "--by", other, "--json")
    assert {row["forecaster"] for row in earlier.json["items"]} == {other}
    assert earlier.json["manifest"]["why"].startswith(f"Made by {other}, which was asked for. Champion")


def test_the_champion_of_another_horizon_is_not_served(new_project, undrawn):
    folder = new_project()
    learn_from(folder, 8)
    assert run("backtest", folder, "--origins", 2, "--horizon", 8, "--no-model").code == 0
    assert run("forecast", folder).code == 5  # the model is asked, and there is none


def test_a_name_that_nobody_has_is_refused_with_the_nearest(shop):
    done = run("forecast", shop, "--by", "decaied")
    assert done.code == 2
    assert "'decayed'?" in done.err


class Silent(LastWindow):
    """Knows nothing of three items."""

    @property
    def name(self):
        return "launches"

    def predict(self, cards):
        made = super().predict(cards)
        names = made.forecaster.copy()
        names[[0, 5, 9]] = ABSTAINED
        return replace(made, forecaster=names)


def test_a_forecast_counts_the_items_on_which_it_abstained(new_project, monkeypatch):
    folder = new_project()
    monkeypatch.setitem(serving.LINE_UP, "launches", Silent)
    asked = ("forecast", folder, "--explain", 0, "--by", "launches")
    made = run(*asked, "--json").json
    (words,) = made["notes"]
    assert words.startswith(f"3 of {made['manifest']['items']} items were abstained on:")
    assert words in " ".join(run(*asked).out.split())
    assert of_abstained(["launches", "lightgbm"]) == ()
