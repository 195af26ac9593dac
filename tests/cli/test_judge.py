"""`trail judge` as a person and a program meet it: sheet, answers of people, a machine, figures."""

import json
import shutil
from functools import partial

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import run
from tests.evaluate.judging.making import ChatServer, Reply, completion
from tests.evaluate.judging.served import lacking, served
from trail.errors import ModelError
from trail.evaluate.judging import CHOICES, Endpoint
from trail.model import PACKAGED, backbone_folder

SECRET = "sk-very-secret"


@pytest.fixture
def judged(shop, tmp_path, monkeypatch):
    """A project with a sealed forecast, and texts of an untuned source about its items and one more."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("TRAIL_JUDGE_KEY", raising=False)
    folder = tmp_path / "shop"
    folder.mkdir()
    shutil.copy(shop / "trail.toml", folder)
    shutil.copytree(shop / "snapshots", folder / "snapshots")
    (snapshot,) = (folder / "snapshots").iterdir()
    items = pq.read_table(snapshot / "explanations.parquet")["item_id"].to_pylist()
    rows = [
        {"item_id": item, "source": "untuned", "text": f"{item} sells well."} for item in [*items, "nobody"]
    ]
    (tmp_path / "untuned.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder, tmp_path / "untuned.jsonl", snapshot


def answers_of(folder, judge, choice, sheet):
    key = json.loads((folder / "judging" / sheet["snapshot"] / "key.json").read_text())
    answers = {
        str(each["number"]): {"useful": choice(each), "faithful": "tie"} for each in key["comparisons"]
    }
    path = folder.parent / f"{judge}.json"
    path.write_text(json.dumps({"sheet": sheet["sheet"], "judge": judge, "answers": answers}))
    return path


def against_untuned(each):
    return "second" if each["first_source"] == "untuned" else "first"


def reply(body):
    shown = json.loads(body["messages"][1]["content"])
    shorter = "1" if len(shown["text_1"]) < len(shown["text_2"]) else "2"
    return Reply(completion(json.dumps({"faithful": shorter, "useful": "1", "written": "tie"})))


def test_the_whole_way(judged, monkeypatch, capfd):
    folder, texts, snapshot = judged
    made = run("judge", "sheet", folder, "--texts", texts, "--json")
    assert made.code == 0, made.err
    # the stand-in's model writes what the plain rendering says: the two are one text and are not compared
    assert made.json["sources"] == ["plain", "trail", "untuned"]
    assert (made.json["comparisons"], made.json["unused"], made.json["already"]) == (6, ["nobody"], False)
    again = run("judge", "sheet", folder, "--texts", texts)
    assert "6 comparisons of plain, trail, untuned about 3 items, already there" in again.out
    assert "texts about 1 item that the snapshot does not explain" in " ".join(again.out.split())

    ada = answers_of(folder, "ada", against_untuned, made.json)
    ben = answers_of(folder, "ben", lambda _: "tie", made.json)
    done = run("judge", "read", folder, ada, ben, "--json")
    assert done.json == {"read": [{"judge": "ada", "answers": 12}, {"judge": "ben", "answers": 12}]}

    monkeypatch.setenv("TRAIL_JUDGE_KEY", SECRET)
    with ChatServer(reply) as server:
        asked = run("judge", "ask", folder, "--url", server.url, "--model", "m", "--json")
        assert asked.code == 0, asked.err
        assert (asked.json["asked_now"], len(server.requests)) == (12, 12)
        assert (
            run("judge", "ask", folder, "--url", server.url, "--model", "m", "--json").json["asked_now"] == 0
        )
        shown = run("judge", "ask", folder, "--url", server.url, "--model", "m")
    assert {each["authorization"] for each in server.headers} == {f"Bearer {SECRET}"}
    faithful, useful, written = asked.json["swaps"]
    assert (faithful["share"], useful["share"], useful["first"], written["first"]) == (0.0, 1.0, 1.0, None)

    figures = run("judge", "agree", folder, "--json")
    assert figures.code == 0, figures.err
    found = figures.json
    assert found["judges"] == {"ada": 12, "ben": 12, "m (machine)": 18}
    rates = {(each["judges"], each["question"], each["a"], each["b"]): each for each in found["win_rates"]}
    people = rates["people", "useful", "plain", "untuned"]
    assert (people["rate"], people["wins"], people["ties"], people["items"]) == (0.75, 3, 3, 3)
    machine = rates["m (machine)", "faithful", "trail", "untuned"]
    assert (machine["rate"], machine["low"], machine["losses"]) == (0.0, 0.0, 3)
    assert {(each["judges"], each["number"]) for each in found["agreements"]} == {
        ("people", 2),
        ("all judges", 3),
    }
    assert {each["source"] for each in found["texts"]} == {"plain", "trail", "untuned"}
    kept = json.loads((folder / "judging" / snapshot.name / "figures.json").read_text())
    assert kept == {name: value for name, value in found.items() if name != "figures"}

    words = run("judge", "agree", folder).out
    assert "who was preferred" in words
    assert "Krippendorff" in words
    assert "the same texts in both orders" in words
    everything = [path.read_text() for path in (folder / "judging").rglob("*") if path.is_file()]
    assert SECRET not in "".join(
        [*everything, asked.out, asked.err, shown.out, shown.err, *capfd.readouterr()]
    )


def test_bad_answers_exit_3_and_nothing_is_kept(judged):
    folder, texts, snapshot = judged
    made = run("judge", "sheet", folder, "--texts", texts, "--json").json
    good = answers_of(folder, "ada", against_untuned, made)
    foreign = folder.parent / "foreign.json"
    foreign.write_text(good.read_text().replace(made["sheet"], "0" * 16))
    done = run("judge", "read", folder, good, foreign, "--json")
    assert done.code == 3
    error = json.loads(done.err.splitlines()[-1])
    assert "0000" in error["found"]
    assert error["where"].endswith("foreign.json")
    assert not (folder / "judging" / snapshot.name / "people").exists()
    assert run("judge", "read", folder, good, good).code == 3
    assert run("judge", "agree", folder).code == 2  # nobody has answered yet


def test_an_altered_snapshot_is_not_judged(judged):
    folder, texts, snapshot = judged
    path = snapshot / "explanations.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    done = run("judge", "sheet", folder, "--texts", texts)
    assert done.code == 3
    assert "altered" in done.err


def test_what_is_missing_is_said(judged):
    folder, texts, _ = judged
    for verb in (("agree",), ("ask", "--url", "http://localhost", "--model", "m")):
        done = run("judge", verb[0], folder, *verb[1:])
        assert done.code == 2
        assert "trail judge sheet" in done.err
    without = run("judge", "sheet", folder)
    assert without.code == 3
    assert "--texts" in without.err
    assert run("judge", "sheet", folder, "--texts", texts).code == 0
    assert run("judge", "agree", folder, "--at", "2001-01-01").code == 2


def test_the_untuned_backbone_writes_its_side_itself(judged, stood_in):
    folder, texts, snapshot = judged
    stood_in.calls.clear()
    made = run("judge", "sheet", folder, "--untuned", "--json")
    assert made.code == 0, made.err
    assert [each[0] for each in stood_in.calls] == ["untuned texts"]
    assert made.json["sources"] == ["plain", "trail", "untuned"]
    key = json.loads((folder / "judging" / snapshot.name / "key.json").read_text())
    sides = [(each["first_source"], each["first"]) for each in key["comparisons"]]
    sides += [(each["second_source"], each["second"]) for each in key["comparisons"]]
    written = {text for source, text in sides if source == "untuned"}
    assert len(written) == 2  # of the first item it wrote nothing: that one is not compared
    assert all(" is, is, " in text for text in written)
    assert run("judge", "sheet", folder, "--untuned", "--json").json["already"] is True
    both = run("judge", "sheet", folder, "--untuned", "--texts", texts)
    assert both.code == 3
    assert "leave out --untuned" in both.err


def test_plain_renderings_alone_are_told_apart_and_the_fix_works(new_project):
    """The fix that is named first is the one that goes on from there."""
    folder = new_project()
    assert run("forecast", folder, "--no-model", "--explain", 3).code == 0
    alone = run("judge", "sheet", folder, "--json")
    assert alone.code == 3
    error = json.loads(alone.err.splitlines()[-1])
    assert "all 3 texts are plain renderings" in error["found"]
    assert error["fix"].startswith("add --untuned")
    assert run("judge", "sheet", folder, "--untuned", "--json").json["sources"] == ["plain", "untuned"]


def test_a_snapshot_without_a_text_asks_for_another(new_project):
    folder = new_project()
    assert run("forecast", folder, "--no-model", "--explain", 0).code == 0
    done = run("judge", "sheet", folder, "--untuned")
    assert done.code == 3
    assert "--explain" in done.err


def test_a_server_that_fails_exits_4_and_one_that_refuses_2(judged, monkeypatch):
    monkeypatch.setattr("trail.evaluate.judging.endpoint.time.sleep", lambda _: None)
    folder, texts, _ = judged
    run("judge", "sheet", folder, "--texts", texts)
    for status, code in ((503, 4), (401, 2)):
        with ChatServer(lambda _, status=status: Reply({}, status)) as server:
            assert run("judge", "ask", folder, "--url", server.url, "--model", "m").code == code


@pytest.mark.slow
@pytest.mark.skipif(bool(lacking()), reason=lacking())
def test_a_real_server_with_the_packaged_weights_is_asked(judged, tmp_path, monkeypatch):
    """Of a model of 135M parameters any answer will do: one that can be read is kept as choices, another is counted.

    The server knows its model by the folder.
    """
    try:
        weights = backbone_folder(PACKAGED)
    except ModelError as error:
        pytest.skip(str(error))
    # such a model talks on after its answer, up to the last token that it may say
    monkeypatch.setattr("trail.operations.judging.Endpoint", partial(Endpoint, tokens=40))
    folder, texts, snapshot = judged
    made = run("judge", "sheet", folder, "--texts", texts, "--items", 1, "--json")
    assert made.json["comparisons"] == 2
    with served(weights, tmp_path / "server.log") as url:
        ask = ("judge", "ask", folder, "--url", url, "--model", weights, "--timeout", 600, "--json")
        asked, again = run(*ask), run(*ask)
    assert asked.code == 0, asked.err
    assert (asked.json["asked_now"], again.json["asked_now"]) == (4, 0)
    (kept,) = (folder / "judging" / snapshot.name / "machines").iterdir()
    answers = [json.loads(line) for line in kept.read_text().splitlines()]
    assert {(each["comparison"], each["swapped"]) for each in answers} == {
        (number, swapped) for number in (1, 2) for swapped in (False, True)
    }
    assert all(set(each["choices"].values()) <= set(CHOICES) for each in answers if each["choices"])
    unread = sum(each["choices"] is None for each in answers)
    assert {each["unread"] for each in asked.json["swaps"]} == {unread}
