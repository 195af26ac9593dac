"""Webhooks: what is news, within a budget, delivered at least once, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from tests.evaluate.judging.making import ChatServer, Reply
from tests.snapshots.making import K, contents

from trail.errors import ConfigError, EngineError
from trail.events import Source
from trail.operations.alerting import GIVE_UP_AFTER, WAIT_DAYS, Patience, outbox_of, send, tell
from trail.operations.alerting.delivery import deliver, signature
from trail.operations.alerting.news import news_of
from trail.operations.alerting.outbox import Message
from trail.operations.mapping import mapped_files
from trail.operations.workspace import Workspace
from trail.project import Project, Webhook, load_project, save_project
from trail.snapshots import seal
from trail.snapshots.mapped import open_mapped

NOW = datetime(2024, 5, 20, 3, tzinfo=UTC)
SECRET = "shared"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TRAIL_WEBHOOK_SECRET", SECRET)


def project(tmp_path, *hooks):
    """A project with two snapshots: the newer one is turned upside down in its first 2 K ranks."""
    folder = tmp_path / "shop"
    folder.mkdir()
    save_project(Project(events=(Source("events.csv"),), webhooks=hooks), folder)
    manifest, table, cards, texts = contents(cards="all")
    seal(
        folder / "snapshots" / "2024-05-13",
        replace(manifest, cutoff="2024-05-06T00:00:00+00:00"),
        table,
        cards,
        texts,
    )
    order = np.r_[np.arange(2 * K)[::-1], np.arange(2 * K, len(table))]
    turned = table.take(pa.array(order))
    columns = {name: turned[name] for name in table.column_names}
    columns |= {"rank": table["rank"], "score": table["score"]}
    turned = pa.table(columns, schema=table.schema)
    seal(folder / "snapshots" / "2024-05-20", manifest, turned, cards.take(order), texts)
    return folder, *(folder / "snapshots" / name for name in ("2024-05-13", "2024-05-20"))


def both(folder, older, newer):
    workspace = Workspace.open(folder)
    return [open_mapped(mapped_files(workspace, each), each) for each in (older, newer)]


def test_entrants_are_those_of_the_top_now_that_were_not_before(tmp_path):
    folder, older, newer = project(tmp_path)
    before, after = both(folder, older, newer)
    then, now = ([*each.listing["item_id"].to_pylist()] for each in (before, after))
    found = [each for each in news_of(before, after) if each.kind == "entrant"]
    assert [each.item_id for each in found] == [item for item in now[:K] if item not in then[:K]]
    assert len(found) == K
    assert [each.before for each in found] == [then.index(each.item_id) + 1 for each in found]
    assert f"enters the top {K} at 1" in found[0].words
    assert not [each for each in news_of(before, before) if each.kind == "entrant"]
    assert len({each.id for each in news_of(before, after)}) == len(news_of(before, after))


def test_a_reversal_is_a_clear_rise_that_becomes_a_clear_fall(tmp_path):
    folder, older, newer = project(tmp_path)
    before, after = both(folder, older, newer)

    def moved(mapped, rises):
        last = mapped.listing["last"].to_numpy()
        rise = np.array(
            [rises.get(item, 0.0) for item in mapped.listing["item_id"].to_pylist()]
        ) * np.maximum(last, 10)
        at = mapped.listing.column_names.index("rise")
        return replace(mapped, listing=mapped.listing.set_column(at, "rise", pa.array(rise)))

    one, two, three, *_ = after.listing["item_id"].to_pylist()
    then = moved(before, {one: 0.5, two: -0.5, three: 0.5})
    now = moved(after, {one: -0.5, two: 0.5, three: -0.05})
    found = {each.item_id: each.words for each in news_of(then, now) if each.kind == "reversal"}
    assert set(found) == {one, two}
    assert "from a rise to a fall" in found[one]
    assert "from a fall to a rise" in found[two]


def test_the_same_news_make_no_message_twice_and_a_budget_takes_the_first(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:1/x", kinds=("entrant",), daily_budget=3)
    )
    first = tell(folder, older, newer, now=NOW)
    assert (first.made, first.left_out, first.waiting) == (3, K - 3, 3)
    kept = list((folder / "alerts").rglob("waiting/*.json"))
    assert [each.stat().st_mode & 0o077 for each in kept] == [0, 0, 0]  # an address may be a secret
    again = tell(folder, older, newer, now=NOW + timedelta(hours=1))
    assert (again.made, again.waiting) == (0, 3)
    assert tell(folder, older, newer, now=NOW + timedelta(days=1)).made == 0
    waiting = outbox_of(Workspace.open(folder)).waiting()
    assert sorted(each.body["news"]["rank"] for each in waiting) == [1, 2, 3]
    assert [each.body.get("left_out") for each in waiting if each.body["news"]["rank"] == 3] == [K - 3]
    # another pair of snapshots on the same day finds the budget spent
    assert tell(folder, newer, older, now=NOW).made == 0


def test_what_a_killed_run_made_takes_nothing_of_the_budget_from_the_rest(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:1/x", kinds=("entrant",), daily_budget=5)
    )
    tell(folder, older, newer, now=NOW)
    places = sorted((folder / "alerts" / "waiting").glob("*.json"))
    for path in places[:3]:
        path.unlink()
    assert tell(folder, older, newer, now=NOW).made == 3
    assert sorted((folder / "alerts" / "waiting").glob("*.json")) == places


def test_nothing_is_told_of_a_first_snapshot_or_to_nobody(tmp_path):
    folder, older, newer = project(tmp_path)
    assert tell(folder, older, newer, now=NOW).made == 0
    assert tell(folder, None, newer, now=NOW).news == ()


def test_a_message_arrives_signed_with_its_identity(tmp_path):
    with ChatServer(lambda _: Reply({})) as server:
        folder, older, newer = project(tmp_path, Webhook(f"{server.url}/hook", daily_budget=1))
        tell(folder, older, newer, now=NOW)
        done = send(folder, now=NOW)
    assert (done.sent, done.waiting, done.troubles) == (1, 0, ())
    (request,), (headers,) = server.requests, server.headers
    assert request.pop("path") == "/hook"
    stamp, _, digest = headers["x-trail-signature"].removeprefix("t=").partition(",v1=")
    body = json.dumps(request, ensure_ascii=False, sort_keys=True).encode()
    assert hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() == digest
    assert headers["x-trail-id"] == request["id"]
    assert request["snapshot"]["name"] == newer.name
    assert send(folder, now=NOW).sent == 0


def message(url):
    return Message("m1", url, {"a": 1}, NOW.isoformat())


def test_a_failing_receiver_is_asked_again_after_growing_pauses():
    statuses, pauses = iter((500, 429, 200)), []
    with ChatServer(lambda _: Reply({}, status=next(statuses))) as server:
        assert deliver(message(server.url), SECRET, Patience(tries=5, pause=1.0), sleep=pauses.append) == ""
    assert len(server.requests) == 3
    assert 1 <= pauses[0] <= 1.5
    assert 2 <= pauses[1] <= 3
    assert {each["x-trail-id"] for each in server.headers} == {"m1"}


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_a_refusal_is_final(status):
    with ChatServer(lambda _: Reply({}, status=status)) as server:
        assert deliver(message(server.url), SECRET, sleep=lambda _: None) == f"refused with status {status}"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [302, 401, 404])
def test_a_receiver_that_is_being_deployed_is_asked_by_later_runs_and_a_redirect_is_not_followed(
    tmp_path, status
):
    statuses = iter((status, status, 200))
    with ChatServer(lambda _: Reply({}, status=next(statuses))) as server:
        folder, older, newer = project(tmp_path, Webhook(f"{server.url}/hook", daily_budget=1))
        tell(folder, older, newer, now=NOW)
        for _ in range(2):
            done = send(folder, now=NOW)
            assert (done.sent, done.waiting) == (0, 1)
            assert done.troubles[0].endswith(f": status {status}")
        assert send(folder, now=NOW).sent == 1
    assert len(server.requests) == 3  # one a run: it does not pass within seconds


def test_what_is_not_delivered_waits_and_is_given_up_in_the_end(tmp_path):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/secret-path", daily_budget=2))
    tell(folder, older, newer, now=NOW)
    asked = []

    def never(each, secret, patience):
        asked.append(each.id)
        return "ConnectError: nobody there"

    done = send(folder, post=never, now=NOW)
    assert (done.sent, done.waiting, len(asked)) == (
        0,
        2,
        1,
    )  # who does not answer is not asked for the second
    assert done.troubles == ("127.0.0.1:9: ConnectError: nobody there",)
    ended = 0
    for _ in range(30):
        done = send(folder, post=never, now=NOW)
        ended += done.given_up
    assert (done.waiting, ended) == (0, 2)
    assert len(list((folder / "alerts" / "given-up").glob("*.json"))) == 2
    send(folder, post=never, now=NOW + timedelta(days=100))
    assert not list((folder / "alerts").glob("*/*.json"))


def test_without_its_secret_nothing_is_sent(tmp_path, monkeypatch):
    monkeypatch.delenv("TRAIL_WEBHOOK_SECRET")
    with ChatServer(lambda _: Reply({})) as server:
        folder, older, newer = project(tmp_path, Webhook(server.url, daily_budget=1))
        tell(folder, older, newer, now=NOW)
        done = send(folder, now=NOW)
    assert (done.sent, done.waiting, server.requests) == (0, 1, [])
    assert "TRAIL_WEBHOOK_SECRET is not set" in done.troubles[0]


def test_an_unset_secret_counts_as_no_try(tmp_path, monkeypatch):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/x", daily_budget=2))
    tell(folder, older, newer, now=NOW)
    with monkeypatch.context() as patch:
        patch.delenv("TRAIL_WEBHOOK_SECRET")
        for _ in range(GIVE_UP_AFTER + 1):
            done = send(folder, now=NOW)
            assert (done.waiting, len(done.troubles)) == (2, 1)
    assert {each.tries for each in outbox_of(Workspace.open(folder)).waiting()} == {0}
    assert send(folder, post=lambda *_: "", now=NOW).sent == 2


def test_the_secret_is_the_one_that_the_settings_name_now(tmp_path, monkeypatch):
    wrong = Webhook("http://127.0.0.1:9/x", secret_env="MISSPELT", daily_budget=1)
    folder, older, newer = project(tmp_path, wrong)
    tell(folder, older, newer, now=NOW)
    (path,) = (folder / "alerts" / "waiting").glob("*.json")  # as an earlier version kept it
    path.write_text(json.dumps(json.loads(path.read_text()) | {"secret_env": "MISSPELT"}))
    assert "MISSPELT is not set" in send(folder, now=NOW).troubles[0]
    save_project(
        replace(load_project(folder), webhooks=(replace(wrong, secret_env="TRAIL_WEBHOOK_SECRET"),)), folder
    )
    secrets = []
    assert send(folder, post=lambda _, secret, __: secrets.append(secret) or "", now=NOW).sent == 1
    assert secrets == [SECRET]


def test_a_receiver_that_was_down_for_days_gets_a_day_s_budget_a_day_the_latest_news_first(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:9/x", kinds=("entrant",), daily_budget=2)
    )
    outbox, days = outbox_of(Workspace.open(folder)), 5
    tell(folder, older, newer, now=NOW)
    first = sorted(outbox.waiting(), key=rank_of)
    for day in range(1, days):
        for each in first:
            outbox.put(replace(each, id=f"{day}-{each.id}", made=(NOW + timedelta(days=day)).isoformat()))
        send(folder, post=lambda *_: "no answer", now=NOW + timedelta(days=day))
    taken, told = [], []
    for day in range(days - 1, 2 * days):
        for hour in (0, 5):
            now = NOW + timedelta(days=day, hours=hour)
            done = send(folder, post=lambda each, *_: taken.append(each) or "", now=now)
            told += [day] * done.sent
            left = max(2 * (2 * days - day - 2), 0)
            assert (done.waiting, done.given_up, done.troubles) == (left, 0, ())
            assert done.note == (
                f"127.0.0.1:9: {left} wait for another day, its daily budget is spent" if left else ""
            )
    assert told == [day for day in range(days - 1, 2 * days - 1) for _ in range(2)]
    untried = [(each.made, rank_of(each)) for each in taken if not each.tries]
    assert untried == sorted(
        untried, key=lambda pair: (-datetime.fromisoformat(pair[0]).timestamp(), pair[1])
    )


def test_messages_whose_secret_is_never_set_have_an_end(tmp_path, monkeypatch):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/s3cr3t", daily_budget=2))
    tell(folder, older, newer, now=NOW)
    end, late = NOW + timedelta(days=WAIT_DAYS), timedelta(seconds=1)
    with monkeypatch.context() as patch:
        patch.delenv("TRAIL_WEBHOOK_SECRET")
        done = send(folder, now=end)
        assert (done.waiting, done.given_up) == (2, 0)
        done = send(folder, now=end + late)
    assert (done.sent, done.waiting, done.given_up) == (0, 0, 2)
    assert done.troubles[0] == (
        "127.0.0.1:9: 2 messages given up: not delivered in 14 days, the variable TRAIL_WEBHOOK_SECRET is not set"
    )
    assert len(list((folder / "alerts" / "given-up").glob("*.json"))) == 2
    assert send(folder, now=end + late).given_up == 0


def test_a_secret_that_comes_late_sends_what_waited(tmp_path):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/x", daily_budget=2))
    tell(folder, older, newer, now=NOW)
    done = send(folder, post=lambda *_: "", now=NOW + timedelta(days=WAIT_DAYS + 1))
    assert (done.sent, done.given_up) == (2, 0)


def test_a_second_sender_leaves_it_to_the_first(tmp_path):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/x", daily_budget=2))
    tell(folder, older, newer, now=NOW)
    seconds = []

    def slow(*_):
        seconds.append(send(folder, post=lambda *_: "", now=NOW))
        return ""

    assert send(folder, post=slow, now=NOW).sent == 2
    assert [(each.sent, each.troubles) for each in seconds] == [(0, ())] * 2
    assert f"another one delivers: process {os.getpid()} on " in seconds[0].note
    assert send(folder, now=NOW).note == ""


def test_what_somebody_moved_meanwhile_is_left_as_it_is(tmp_path):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/x", daily_budget=1))
    tell(folder, older, newer, now=NOW)
    outbox = outbox_of(Workspace.open(folder))
    (waits,) = outbox.waiting()
    outbox.delivered(waits, NOW)
    outbox.failed(waits)
    outbox.delivered(waits, NOW)
    outbox.given_up(waits)
    assert [path.parent.name for path in folder.glob("alerts/*/*.json")] == ["sent"]


def test_a_state_that_cannot_be_kept_is_an_error_of_the_engine(tmp_path):
    folder, older, newer = project(tmp_path, Webhook("http://127.0.0.1:9/x", daily_budget=1))
    tell(folder, older, newer, now=NOW)
    (folder / "alerts" / "sent").write_text("in the way")
    with pytest.raises(EngineError, match="state of a message"):
        send(folder, post=lambda *_: "", now=NOW)
    shutil.rmtree(folder / "alerts")
    (folder / "alerts").write_text("in the way")
    with pytest.raises(EngineError, match="state of a message"):
        send(folder, now=NOW)


@pytest.mark.parametrize("host", ["☃.example", "x:abc"])
def test_what_is_no_address_is_said_without_what_may_be_secret(host):
    why = deliver(message(f"http://{host}/?s3cr3t"), SECRET)
    assert why.startswith("not an address that can be asked")
    assert "s3cr3t" not in why


def test_an_address_that_cannot_be_asked_hinders_no_other(tmp_path):
    host = f"{'a' * 64}.example"
    with ChatServer(lambda _: Reply({})) as server:
        hooks = [Webhook(url, daily_budget=1) for url in (f"http://{host}/?s3cr3t", f"{server.url}/hook")]
        folder, older, newer = project(tmp_path, *hooks)
        tell(folder, older, newer, now=NOW)
        done = send(folder, patience=Patience(tries=1), now=NOW)
    assert (done.sent, done.waiting) == (1, 1)
    assert done.troubles[0].startswith(f"{host}: ")
    assert "s3cr3t" not in done.troubles[0]


def rank_of(each):
    return each.body["news"]["rank"]


def waits(folder):
    return {rank_of(each): each.tries for each in outbox_of(Workspace.open(folder)).waiting()}


def test_all_messages_of_a_receiver_in_trouble_are_given_up_after_ten_runs(tmp_path):
    with ChatServer(lambda _: Reply({}, status=500)) as server:
        folder, older, newer = project(tmp_path, Webhook(server.url, kinds=("entrant",), daily_budget=5))
        tell(folder, older, newer, now=NOW)
        patience = Patience(tries=2, pause=0.0)
        done = send(folder, patience=patience, now=NOW)
        assert len(server.requests) == 6  # the first twice, the others once
        assert done.troubles == (f"{server.url[7:]}: status 500",)
        for _ in range(GIVE_UP_AFTER - 2):
            send(folder, patience=patience, now=NOW)
        assert waits(folder) == dict.fromkeys(range(1, 6), GIVE_UP_AFTER - 1)
        assert send(folder, patience=patience, now=NOW).given_up == 5
    assert waits(folder) == {}


def test_a_message_that_a_receiver_cannot_digest_blocks_no_other(tmp_path):
    def digests(body):
        return Reply({}, status=500 if body["news"]["rank"] == 2 else 200)

    with ChatServer(digests) as server:
        folder, older, newer = project(tmp_path, Webhook(server.url, kinds=("entrant",), daily_budget=5))
        tell(folder, older, newer, now=NOW)
        assert send(folder, patience=Patience(tries=2, pause=0.0), now=NOW).sent == 4
    assert waits(folder) == {2: 1}


def test_new_messages_come_before_one_at_which_a_receiver_falls_silent(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:9/x", kinds=("entrant",), daily_budget=1)
    )
    tell(folder, older, newer, now=NOW)
    assert send(folder, post=lambda *_: "no answer", now=NOW).waiting == 1
    (bad,) = outbox_of(Workspace.open(folder)).waiting()
    good = replace(bad, id="z", made=(NOW + timedelta(days=1)).isoformat(), tries=0)
    hooks = (Webhook(bad.url, daily_budget=2),)
    save_project(replace(load_project(folder), webhooks=hooks), folder)
    outbox_of(Workspace.open(folder)).put(good)
    done = send(folder, post=lambda each, *_: "no answer" if each.id == bad.id else "", now=NOW)
    assert (done.sent, waits(folder)) == (1, {1: 2})


def test_a_message_at_which_a_receiver_falls_silent_keeps_no_other_from_it(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:9/x", kinds=("entrant",), daily_budget=3)
    )
    tell(folder, older, newer, now=NOW)

    def silent_at_the_first(each, *_):
        return "no answer" if rank_of(each) == 1 else ""

    sent = [send(folder, post=silent_at_the_first, now=NOW).sent for _ in range(2)]
    assert (sum(sent), set(waits(folder))) == (2, {1})


def test_messages_to_a_receiver_that_never_answers_end_after_two_weeks(tmp_path):
    folder, older, newer = project(
        tmp_path, Webhook("http://127.0.0.1:9/x", kinds=("entrant",), daily_budget=3)
    )
    tell(folder, older, newer, now=NOW)
    for _ in range(GIVE_UP_AFTER + 1):
        done = send(folder, post=lambda *_: "no answer", now=NOW + timedelta(days=WAIT_DAYS))
    assert (done.waiting, sum(waits(folder).values())) == (
        3,
        GIVE_UP_AFTER + 1,
    )  # one of them posted in each run
    done = send(folder, post=lambda *_: "no answer", now=NOW + timedelta(days=WAIT_DAYS, seconds=1))
    assert (done.sent, done.given_up) == (0, 3)
    assert "127.0.0.1:9: 3 messages given up: not delivered in 14 days" in done.troubles


def test_what_waits_for_an_address_that_is_no_longer_told_is_given_up_and_that_is_said(tmp_path):
    gone = Webhook("http://127.0.0.1:9/s3cr3t", daily_budget=2)
    stays = Webhook("http://127.0.0.1:8/x", daily_budget=1)
    folder, older, newer = project(tmp_path, gone, stays)
    tell(folder, older, newer, now=NOW)
    save_project(replace(load_project(folder), webhooks=(stays,)), folder)
    asked = []
    done = send(folder, post=lambda each, *_: asked.append(each.url) or "", now=NOW)
    assert asked == [stays.url]
    assert (done.sent, done.given_up, done.waiting, done.troubles) == (1, 2, 0, ())
    assert done.note == "127.0.0.1:9: 2 messages given up: the address is in trail.toml no more"


@pytest.fixture
def trickling():
    """Starts a receiver that answers so and then says a few bytes again and again, for ten seconds unless it is left."""
    server = socket.create_server(("127.0.0.1", 0))

    def start(head, again):
        def answer():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(head)
                for _ in range(500):
                    time.sleep(0.02)
                    connection.sendall(again)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/x"

    yield start
    server.close()


def test_a_status_is_enough_however_long_the_body(trickling):
    url = trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x")
    assert deliver(message(url), SECRET, Patience(tries=1)) == ""


def test_headers_that_trickle_have_an_end(trickling):
    url = trickling(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n")
    assert deliver(message(url), SECRET, Patience(tries=1, timeout=0.3)) == "no answer within 0.3 s"


def test_an_old_signature_says_its_age():
    assert signature("s", b"x", 1) != signature("s", b"x", 2)
    assert signature("s", b"x", 1).startswith("t=1,v1=")


@pytest.mark.parametrize(
    ("url", "others"),
    [
        ("ftp://host/x", {}),
        ("https://user:s3cr3t@host/", {}),
        ("/only/a/path", {}),
        ("http://[::1/?s3cr3t", {}),
        ("http://☃.example/?s3cr3t", {}),
        ("http://host:s3cr3t/", {}),
        ("https://host/", {"kinds": ("gossip",)}),
        ("https://host/", {"daily_budget": 0}),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_without_its_address(url, others):
    with pytest.raises(ConfigError) as refused:
        Webhook(url, **others)
    assert "s3cr3t" not in str(refused.value)
