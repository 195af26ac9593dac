"""One item over HTTP: its row, card, history and text; a text verified; a text written on demand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.service.making import TEXTS, served
from trail.errors import DataError
from trail.facts import verify
from trail.operations.explaining import FACTS_ALONE
from trail.operations.making import plain_explanation
from trail.service.desk import FullError, LateError, News, Order
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing, create
from trail.service.limits import LimitSettings
from trail.service.routes import items
from trail.service.state import keep_state
from trail.service.wire import Detail, Text
from trail.signals import BY_NAME
from trail.snapshots import compare, open_snapshot

BASE = "/v1/projects/shop"
NOW = "2026-03-03"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder, look_seconds=60) as client:
        yield client


@pytest.fixture(scope="module")
def snapshot(folder: Path):
    return open_snapshot(folder / "snapshots" / NOW)


def test_an_item_is_what_was_sealed_of_it(client: TestClient, snapshot):
    hits = client.get(f"{BASE}/hits", params={"limit": 500}).json()["items"]
    for at in (0, TEXTS, len(hits) - 1):
        item = hits[at]["item_id"]
        found = client.get(f"{BASE}/items/{quote(item)}")
        assert Detail.model_validate_json(found.content.replace(b'"from":', b'"from_":'))
        body, card = found.json(), snapshot.card(item)
        assert body["hit"] == hits[at]
        assert {each["name"]: each["value"] for each in body["card"]} == {
            name: card[name] for name in BY_NAME
        }
        assert (body["description"], body["categories"]) == (
            card.metadata["description"],
            card.metadata["categories"],
        )
        counts = [each["count"] for each in body["history"]]
        assert counts == [card[f"count_{ago}"] for ago in range(12, 0, -1)] == hits[at]["counts"]
        assert body["history"][-1]["end"] == "2026-03-03T00:00:00Z"
        assert (body["explanation"] is None) == (at >= TEXTS)


def test_each_claim_of_a_sealed_text_has_its_receipt(client: TestClient, snapshot):
    for each in snapshot.explanations:
        text = client.get(f"{BASE}/items/{each.item_id}").json()["explanation"]
        assert (text["text"], text["source"], text["holds"], text["sealed"]) == (
            each.text,
            "plain",
            True,
            True,
        )
        assert [claim["verdict"] for claim in text["claims"]] == [
            claim.verdict.value for claim in each.verification.checked
        ]
        for claim in text["claims"]:
            assert claim["said"] == each.text[claim["start"] : claim["end"]]
            if claim["signal"] in BY_NAME:
                assert claim["meaning"] == BY_NAME[claim["signal"]].doc
        assert [(d["signal"], d["effect"]) for d in text["drivers"]] == [
            (d.signal, d.effect) for d in each.drivers
        ]


def test_an_item_of_a_past_snapshot(client: TestClient, folder: Path):
    older = open_snapshot(folder / "snapshots" / "2026-03-02")
    item = older.forecast["item_id"][7].as_py()
    body = client.get(f"{BASE}/items/{item}", params={"at": "2026-03-02"}).json()
    assert (body["period"]["snapshot"], body["hit"]["rank"], body["hit"]["before"]) == ("2026-03-02", 8, None)


@pytest.mark.parametrize("item", ["nothing", "a/b", "%00", "..", "x" * 500, "é", "?", "\u202e"])
def test_no_such_item(client: TestClient, item: str):
    for kind in ("items", "explanations"):
        answer = client.get(f"{BASE}/{kind}/{quote(item, safe='')}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert str(Path.cwd()) not in answer.text


def test_a_text_is_verified_on_the_sealed_card(client: TestClient, snapshot):
    item = snapshot.explanations[0].item_id
    card, outlook = snapshot.card(item), snapshot.outlook(item)
    for text in (
        snapshot.explanations[0].text,
        "Sales tripled last week.",
        "Expect about 3 orders next week.",
        "xyzzy",
    ):
        found = client.post(f"{BASE}/verify", json={"item_id": item, "text": text}).json()
        slow = verify(text, card, outlook)
        assert found["holds"] == slow.holds
        assert [each["verdict"] for each in found["claims"]] == [each.verdict.value for each in slow.checked]
        assert (found["source"], found["sealed"]) == ("asked", False)
    assert client.post(f"{BASE}/verify", json={"item_id": "nothing", "text": "x"}).status_code == 404


def test_moves_add_up(client: TestClient, folder: Path):
    older, newer = (open_snapshot(folder / "snapshots" / name) for name in ("2026-03-02", NOW))
    found = client.get(f"{BASE}/diff", params={"top": 1000}).json()
    assert (found["older"], found["newer"]) == (older.folder.name, newer.folder.name)
    titles = dict(zip(newer.cards.item_ids, newer.cards.table["title"].to_pylist(), strict=True))
    was, now = (
        dict(zip(each.forecast["item_id"].to_pylist(), each.forecast["rank"].to_pylist(), strict=True))
        for each in (older, newer)
    )
    assert {move["item_id"] for move in found["moves"]} == set(was) | set(now)
    for move in found["moves"]:
        item = move["item_id"]
        assert (move["before"], move["after"], move["title"]) == (was.get(item), now.get(item), titles[item])
        assert move["places"] == (was[item] - now[item] if item in was else None)
    both = [move["places"] for move in found["moves"] if move["places"] is not None]
    shifted = sum(now[item] - sorted(now[each] for each in was).index(now[item]) - 1 for item in was)
    assert sum(both) == -shifted, "who moves up pushes another one down, new items push all below"
    assert len(found["moves"]) == len(compare(older, newer, top=1000))


def test_who_moved_the_other_way_round(client: TestClient):
    found = client.get(f"{BASE}/diff", params={"older": NOW, "newer": "2026-03-02", "top": 3}).json()
    assert "--why" in found["note"]
    assert not any(move["parts"] for move in found["moves"])
    assert (found["older"], found["newer"]) == (NOW, "2026-03-02")
    answer = client.get(f"{BASE}/diff", params={"newer": "2026-03-02"})
    assert (answer.status_code, answer.json()["error"]["fix"]) == (
        404,
        "wait for the next forecast, or name one by older=",
    )


def test_the_plain_text_of_any_item(client: TestClient, snapshot):
    item = snapshot.forecast["item_id"][50].as_py()
    for asked in ({"by": "plain"}, {}):  # the log never was here: nobody could say what moved the forecast
        found = client.get(f"{BASE}/explanations/{item}", params=asked).json()
        assert found["text"] == plain_explanation(snapshot.card(item), snapshot.outlook(item)).text
        assert (found["holds"], found["sealed"], found["drivers"]) == (True, False, [])
        assert "the log is not here" in found["note"]


def test_the_plain_text_of_a_project_with_a_log_says_that_drivers_can_be_asked_for(
    client: TestClient, snapshot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(items, "has_log", lambda _: True)
    item = snapshot.forecast["item_id"][50].as_py()
    found = client.get(f"{BASE}/explanations/{item}", params={"by": "plain"}).json()
    assert (found["drivers"], found["note"]) == ([], FACTS_ALONE)
    sealed = client.get(f"{BASE}/explanations/{snapshot.explanations[0].item_id}").json()
    assert sealed["note"] == ""


def test_what_is_said_of_a_text_on_demand_is_answered_without_folders(asking, done: News):
    done.result.note = "What moved the forecast cannot be told: no model in /srv/secret/models."
    assert events_in(asking(done).text)[-1][1]["note"].endswith("no model in models.")


class Written:
    """In place of the desk: yields what it is told to."""

    waiting = 0

    def __init__(self, *news: News | Exception) -> None:
        self.news, self.orders = news, []

    async def follow(self, order: Order, who: str = "") -> AsyncIterator[News]:  # noqa: ARG002 - as the desk has it
        self.orders.append(order)
        for each in self.news:
            if isinstance(each, Exception):
                raise each
            yield each

    def written(self, order: Order) -> None:  # noqa: ARG002 - as the desk has it
        return None

    def knows(self, order: Order) -> bool:
        return order in self.orders

    async def close(self) -> None:
        pass


@pytest.fixture
def asking(client: TestClient, snapshot, monkeypatch: pytest.MonkeyPatch):
    """A function that asks for the text of an item that has none, of a snapshot that a model made."""
    state = client.app.state.trail
    shelf = state.shelves["shop"]
    mapped = shelf.current
    manifest = replace(mapped.snapshot.manifest, model="feedface")
    monkeypatch.setattr(
        shelf, "_current", replace(mapped, snapshot=replace(mapped.snapshot, manifest=manifest))
    )
    monkeypatch.setattr(items, "has_log", lambda _: True)
    item = snapshot.forecast["item_id"][50].as_py()

    def ask(*news: News | Exception, stream: bool = True):
        desk = Written(*news)
        keep_state(client.app, replace(state, desk=desk))  # type: ignore[arg-type]
        headers = {"accept": "text/event-stream"} if stream else {}
        answer = client.get(f"{BASE}/explanations/{item}", headers=headers)
        assert desk.orders == [(shelf.folder, NOW, item, manifest.seal)]
        return answer

    yield ask
    keep_state(client.app, state)  # type: ignore[arg-type]


@pytest.fixture
def done(snapshot) -> News:
    item = snapshot.forecast["item_id"][50].as_py()
    explanation = plain_explanation(snapshot.card(item), snapshot.outlook(item))
    return News(
        "done",
        result=SimpleNamespace(
            item_id=item, explanation=replace(explanation, source="model"), sealed=False, note=""
        ),
    )


def events_in(text: str) -> list[tuple[str, dict]]:
    """Server-sent events, read as the standard says: fields a line, an empty line ends one, a colon starts a comment."""
    found = []
    assert text.endswith("\n\n")
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def test_a_stream_tells_how_far_a_text_is_and_then_the_text(asking, done: News):
    answer = asking(News("queued", 2), News("queued", 1), News("working"), News("beat"), done)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    *states, last = events_in(answer.text)
    assert states == [
        ("state", {"state": "queued", "ahead": 2}),
        ("state", {"state": "queued", "ahead": 1}),
        ("state", {"state": "working", "ahead": 0}),
    ]
    assert last[0] == "explanation"
    assert (last[1]["source"], last[1]["holds"], last[1]["sealed"]) == ("model", True, False)
    assert answer.text.count(": still there\n\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FullError("20 texts wait", fix="ask again in a minute"), "busy"),
        (LateError("a text that took more than 120 s"), "timed_out"),
        (DataError("the log changed", where="/secret/place"), "invalid"),
        (ZeroDivisionError("at /secret/place"), "internal"),
    ],
)
def test_a_stream_ends_with_the_problem(asking, error: Exception, code: str):
    answer = asking(News("working"), error)
    assert [kind for kind, _ in events_in(answer.text)] == ["state", "problem"]
    assert events_in(answer.text)[-1][1]["error"]["code"] == code
    assert "/secret" not in answer.text


def test_without_a_stream_one_asks_again(asking, done: News):
    answer = asking(News("queued", 1), done, stream=False)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (
        202,
        "5",
        {"state": "being written"},
    )
    answer = asking(done, stream=False)
    assert Text.model_validate_json(answer.content.replace(b'"from":', b'"from_":')).source == "model"
    answer = asking(FullError("20 texts wait"), stream=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")


def test_what_is_there_is_streamed_at_once(client: TestClient, snapshot):
    answer = client.get(
        f"{BASE}/explanations/{snapshot.explanations[0].item_id}", headers={"accept": "text/event-stream"}
    )
    ((kind, text),) = events_in(answer.text)
    assert (kind, text["text"], text["sealed"]) == ("explanation", snapshot.explanations[0].text, True)


def test_a_key_that_reads_reads_every_text_and_has_none_written(
    asking, client: TestClient, snapshot, done: News, tmp_path: Path
):
    asking(done)
    ring = tmp_path / "keys.json"
    keys = {scope: create(ring, scope, [scope])[1] for scope in ("read", "explain")}
    asgi = guarded(client.app, GuardSettings(), KeyRing(ring), None)
    reader, writer = (
        TestClient(asgi, "http://localhost", headers={"X-API-Key": keys[scope], "Accept": "text/html"})
        for scope in ("read", "explain")
    )
    missing, other = (snapshot.forecast["item_id"][at].as_py() for at in (51, 52))  # that nobody ordered yet
    sealed = snapshot.explanations[0].item_id
    for asker, may in ((reader, False), (writer, True)):
        assert asker.get(f"{BASE}/explanations/{sealed}").json()["sealed"]
        assert asker.get(f"{BASE}/explanations/{missing}?by=plain").json()["source"] == "plain"
        answer = asker.get(f"{BASE}/explanations/{missing}")
        assert answer.status_code == (200 if may else 403)
        page = asker.get(f"/p/shop/items/{missing}").text
        assert ("Write it" in page) == may
        assert ("one with the scope <code>explain</code> could have it written" in page) == (not may)
    assert "--scope explain" in reader.get(f"{BASE}/explanations/{other}").json()["error"]["fix"]


def test_only_a_text_that_is_written_counts_as_one(asking, client: TestClient, snapshot, done: News):
    asking(done)
    limits = GuardSettings(limits=LimitSettings(explains_per_minute=1))
    asker = TestClient(guarded(client.app, limits, None, None), "http://localhost")
    item = snapshot.forecast["item_id"][50].as_py()
    sealed, plain = snapshot.explanations[0].item_id, f"{item}?by=plain"
    for each in (sealed, plain) * 3:
        assert asker.get(f"{BASE}/explanations/{each}").status_code == 200
    assert asker.get(f"{BASE}/explanations/none").status_code == 404
    # asking again for what is ordered is reading; another text is one too many
    assert [asker.get(f"{BASE}/explanations/{item}").status_code for _ in range(3)] == [200] * 3
    first, other = (snapshot.forecast["item_id"][at].as_py() for at in (51, 52))
    assert asker.get(f"{BASE}/explanations/{first}").status_code == 200
    assert asker.get(f"{BASE}/explanations/{other}").status_code == 429
    assert asker.get(f"{BASE}/explanations/{sealed}").status_code == 200
