"""What moved an item between two snapshots, in parts that add up."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from io import StringIO

import pytest
from rich.console import Console

from tests.cli.conftest import learn_from, run
from trail.cli.show import show_why_moved
from trail.engine import write_json
from trail.operations.causes import PARTS, Moved, Moves, Part, parts_of, path_of
from trail.operations.workspace import Workspace
from trail.snapshots import Move

OLDER, NEWER = "2024-05-13", "2024-05-20"
#: An item that comes between the two.
FRESH = "brand-new"


def sealed_twice(folder, files, *, later_by="decayed", late=0):
    """Seals two snapshots a week apart; between them, so many events come late for the item that stood last."""
    learn_from(folder, 8)
    done = run("forecast", folder, "--at", OLDER, "--explain", 0, "--top", 200, "--by", "decayed", "--json")
    assert done.code == 0, done.err
    last = done.json["items"][-1]["item_id"]
    if late:
        header, *rows = (files / "orders.csv").read_text().splitlines()
        event = {"item_id": last, "timestamp": "2024-05-10 12:00:00", "user_id": "late", "price": "1.0"}
        extra = [",".join(event[name.strip('"')] for name in header.split(","))] * late
        extra = [each.replace("late", f"late-{number}") for number, each in enumerate(extra)]
        fresh = event | {"item_id": FRESH, "timestamp": "2024-05-15 12:00:00"}
        extra += [",".join(fresh[name.strip('"')] for name in header.split(","))] * 9
        log = folder / "orders.csv"
        log.write_text("\n".join([header, *rows, *extra]) + "\n")
        settings = folder / "trail.toml"
        text = settings.read_text()
        (location,) = re.findall(r'location = "(.*orders.csv)"', text)
        settings.write_text(text.replace(location, log.name))
    done = run("forecast", folder, "--explain", 0, "--top", 200, "--by", later_by, "--json")
    assert done.code == 0, done.err
    return folder / "snapshots" / OLDER, folder / "snapshots" / NEWER, last


def by_item(done):
    return {each["item_id"]: {part["name"]: part for part in each["parts"]} for each in done.json["moves"]}


def test_the_parts_of_every_item_add_up_to_its_move(new_project, files, undrawn):
    older, newer, last = sealed_twice(new_project(), files, later_by="last_window", late=60)
    done = run("diff", older, newer, "--why", "--top", 121, "--json")
    assert done.code == 0, done.err
    assert len(done.json["moves"]) == 121
    for each in done.json["moves"]:
        # what is not forecast counts as 0, one place behind all
        before, expected = (121, 0.0) if each["before"] is None else (each["before"], each["expected_before"])
        assert (each["before"] is None) == (each["item_id"] == FRESH)
        assert sum(part["places"] for part in each["parts"]) == before - each["after"]
        added = each["expected_after"] - expected
        assert sum(part["expected"] for part in each["parts"]) == pytest.approx(added, abs=1e-9)
    parts = by_item(done)
    assert parts[FRESH]["new events"]["expected"] > 1
    # sixty events came late for one item, and for no other
    assert parts[last]["late events"]["expected"] > 5
    assert parts[last]["late events"]["places"] > 0
    others = [each["late events"]["expected"] for item, each in parts.items() if item != last]
    assert max(map(abs, others)) < parts[last]["late events"]["expected"] / 5
    # another forecaster makes the newer one, with the same settings
    assert any(each["model"]["expected"] for each in parts.values())
    assert any(each["new events"]["expected"] for each in parts.values())
    assert {each["settings"]["expected"] for each in parts.values()} == {0.0}
    assert len(run("diff", older, newer, "--why", "--top", 3, "--json").json["moves"]) < 10
    refused = run("diff", newer, older, "--why")
    assert refused.code == 2
    assert "the older one first" in refused.err
    kept = json.loads((newer.parents[1] / "reports" / "moves" / f"{OLDER}-to-{NEWER}.json").read_text())
    assert len(kept["items"]) == len(done.json["moves"])


def test_the_parts_stand_in_a_table_a_column_a_cause():
    item = Moved(
        Move("a", 3, 1, 10.0, 14.5, "Lamp"),
        (Part("late events", 0, 0.5), Part("new events", 2, 4.0), Part("model", 0, 0.0)),
    )
    gone = Moved(Move("b", 2, None, 11.0, None), ())
    console = Console(width=200, file=StringIO())
    show_why_moved(Moves("x", "y", ("s", "t"), (item, gone)), console)
    shown = console.file.getvalue()
    assert [name for name in PARTS if name in shown] == ["late events", "new events"]
    assert "+2 (+4.0)" in shown
    assert "a Lamp" in shown


def test_what_moved_items_is_read_again_for_these_very_snapshots_alone(tmp_path):
    workspace = Workspace(tmp_path, None)
    item = Moved(Move("a", 3, 1, 10.0, 14.5), (Part("late events", 0, 0.5), Part("new events", 2, 4.0)))
    write_json(asdict(Moves("x", "y", ("s", "t"), (item,))), path_of(workspace, "x", "y"))
    assert parts_of(workspace, "x", "y", ("s", "t")) == {"a": item.parts}
    assert parts_of(workspace, "x", "y", ("s", "u")) == {}
    assert parts_of(workspace, "x", "z", ("s", "t")) == {}
    path_of(workspace, "x", "y").write_text("{")
    assert parts_of(workspace, "x", "y", ("s", "t")) == {}
