"""Texts written on demand: once however many ask, bounded, and never the end of the server."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.killing import kill_when_it_says
from tests.service.writing import write
from trail.errors import DataError, EngineError
from trail.service import desk as module
from trail.service.desk import Desk, FullError, LateError, News, Order


def calls(folder: Path) -> list[str]:
    path = folder / "calls"
    return path.read_text().split() if path.exists() else []


def order(folder: Path, item: str) -> Order:
    return (folder, "2026-03-02", item, "seal")


async def told(desk: Desk, order: Order) -> list[News]:
    return [each async for each in desk.follow(order)]


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


async def begun(folder: Path, item: str) -> None:
    while item not in calls(folder):  # noqa: ASYNC110 - another process says so, by a file
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 0.05)


def test_another_snapshot_of_the_same_name_is_another_order(tmp_path: Path):
    async def go():
        desk = Desk(write, 3, 30)
        for seal in ("one", "two", "one"):
            await told(desk, (tmp_path, "2026-03-02", "a", seal))
        await desk.close()

    run(go())
    assert calls(tmp_path) == ["a", "a"]


def test_one_key_cannot_take_all_places(tmp_path: Path):
    async def go():
        desk = Desk(write, 8, 30)
        asking = []
        for at in range(2):
            asking.append(asyncio.create_task(anext(desk.follow(order(tmp_path, f"slow-{at}"), "mine"))))
            await asyncio.sleep(0)
        with pytest.raises(FullError, match="of this key"):
            await anext(desk.follow(order(tmp_path, "slow-more"), "mine"))
        assert desk.knows(order(tmp_path, "slow-0"))
        assert not desk.knows(order(tmp_path, "slow-more"))
        others = [await anext(desk.follow(order(tmp_path, f"slow-{at}"), f"key {at}")) for at in (7, 8, 9)]
        again = await anext(desk.follow(order(tmp_path, "slow-0"), "mine"))  # its own order is no new one
        await asyncio.gather(*asking)
        (tmp_path / "go").touch()
        await desk.close()
        return others, again

    others, again = run(go())
    assert [each.state for each in others] == ["queued"] * 3
    assert again.state in {"queued", "working"}


def test_the_same_order_is_written_once_and_kept(tmp_path: Path):
    async def go():
        desk = Desk(write, 3, 30)
        asking = [asyncio.create_task(told(desk, order(tmp_path, "slow-a"))) for _ in range(5)]
        await begun(tmp_path, "slow-a")
        assert desk.waiting == 1
        (tmp_path / "go").touch()
        answers = [(await each)[-1] for each in asking]
        again = await told(desk, order(tmp_path, "slow-a"))
        await desk.close()
        return answers, again, desk.waiting

    answers, again, waiting = run(go())
    assert len({each.result for each in answers}) == 1
    assert again == [answers[0]], "no other news of what is kept"
    assert calls(tmp_path) == ["slow-a"]
    assert waiting == 0


def test_news_come_in_order_and_the_place_in_the_queue_goes_down(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        first = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        await begun(tmp_path, "slow-a")
        second = asyncio.create_task(told(desk, order(tmp_path, "nap-b")))
        await asyncio.sleep(0)
        third = asyncio.create_task(told(desk, order(tmp_path, "nap-c")))
        await asyncio.sleep(0.15)
        (tmp_path / "go").touch()
        found = [await each for each in (first, second, third)]
        await desk.close()
        return found

    for at, news in enumerate(run(go())):
        states = [each.state for each in news if each.state != "beat"]
        ahead = [each.ahead for each in news if each.state == "queued"]
        assert ahead[0] == at
        assert ahead == list(range(at, ahead[-1] - 1, -1)), "one place after the other"
        assert ahead[-1] <= 1
        assert states == ["queued"] * len(ahead) + ["working", "done"]
    assert calls(tmp_path) == ["slow-a", "nap-b", "nap-c"], "in the order in which they were asked for"


def test_a_beat_tells_that_it_goes_on(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        asking = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        await begun(tmp_path, "slow-a")
        await asyncio.sleep(0.2)
        (tmp_path / "go").touch()
        news = await asking
        await desk.close()
        return [each.state for each in news]

    assert run(go()).count("beat") >= 2


def test_a_text_comes_when_it_is_written_and_not_at_the_next_beat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "BEAT", 3600)

    async def go():
        desk = Desk(write, 3, 30)
        first = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        await begun(tmp_path, "slow-a")
        second = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        await asyncio.sleep(0.05)
        (tmp_path / "go").touch()
        found = await asyncio.wait_for(asyncio.gather(first, second), 20)
        await desk.close()
        return found

    first, second = ([each.state for each in news] for news in run(go()))
    assert first == ["queued", "working", "done"]
    assert second == ["working", "done"]


def test_past_the_limit_no_more_are_taken_but_the_same_may_be_asked_for(tmp_path: Path):
    async def go():
        desk = Desk(write, 2, 30)
        taken = [asyncio.create_task(told(desk, order(tmp_path, item))) for item in ("slow-a", "b")]
        await begun(tmp_path, "slow-a")
        with pytest.raises(FullError, match="fewer than 2"):
            await told(desk, order(tmp_path, "c"))
        same = asyncio.create_task(told(desk, order(tmp_path, "b")))
        (tmp_path / "go").touch()
        await asyncio.gather(*taken, same)
        await told(desk, order(tmp_path, "c"))
        await desk.close()

    run(go())
    assert calls(tmp_path) == ["slow-a", "b", "c"]


def test_what_takes_too_long_is_ended_and_the_next_is_written(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        pid = int((await told(desk, order(tmp_path, "a")))[-1].result.split()[-1])
        desk._seconds = 0.3
        late = asyncio.create_task(told(desk, order(tmp_path, "hang")))
        with pytest.raises(LateError, match="by=plain"):
            await late
        desk._seconds = 30
        after = await told(desk, order(tmp_path, "b"))
        for _ in range(500):
            if not _alive(pid):
                break
            await asyncio.sleep(0.01)
        await desk.close()
        return pid, int(after[-1].result.split()[-1])

    old, new = run(go())
    assert new != old
    assert not _alive(old), "the process that hung was killed"


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1]
    except FileNotFoundError:
        return False


_SERVER = """
import asyncio, sys
from pathlib import Path
from tests.service.writing import write
from trail.service import desk
from trail.service.desk import Desk

desk.BEAT = 0.05

async def go(folder):
    desk = Desk(write, 3, 60)
    async for news in desk.follow((folder, "2026-03-02", "a", "seal")):
        if news.result:
            (folder / "pid").write_text(news.result.split()[-1])
    async for news in desk.follow((folder, "2026-03-02", "hang", "seal")):
        if "hang" in (folder / "calls").read_text():
            print("writes", flush=True)

if __name__ == "__main__":
    asyncio.run(go(Path(sys.argv[1])))
"""


def test_the_process_that_writes_ends_with_a_server_that_is_killed(tmp_path: Path):
    kill_when_it_says("writes", _SERVER, tmp_path)
    pid, end = int((tmp_path / "pid").read_text()), time.monotonic() + 20
    while _alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _alive(pid)


def test_a_process_that_dies_is_said_and_followed_by_another(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        with pytest.raises(EngineError, match="died"):
            await told(desk, order(tmp_path, "die"))
        found = await told(desk, order(tmp_path, "a"))
        await desk.close()
        return found

    assert run(go())[-1].state == "done"


def test_an_error_reaches_all_who_wait_and_who_ask_again_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def go():
        desk = Desk(write, 5, 30)
        asking = [asyncio.create_task(told(desk, order(tmp_path, "wrong"))) for _ in range(3)]
        errors = await asyncio.gather(*asking, return_exceptions=True)
        for _ in range(2):
            with pytest.raises(DataError):
                await anext(desk.follow(order(tmp_path, "wrong")))
        assert calls(tmp_path) == ["wrong"]
        assert (await told(desk, order(tmp_path, "a")))[-1].state == "done", "another one is written"
        monkeypatch.setattr(module, "FAILED", 0.0)
        assert (await anext(desk.follow(order(tmp_path, "wrong")))).state == "queued"
        with pytest.raises(DataError):
            await told(desk, order(tmp_path, "wrong"))
        await desk.close()
        return errors

    assert [type(each) for each in run(go())] == [DataError] * 3
    assert calls(tmp_path) == ["wrong", "a", "wrong"]


def test_a_text_that_may_soon_be_better_is_kept_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def go():
        desk = Desk(write, 5, 30)
        for _ in range(2):
            await told(desk, order(tmp_path, "passing"))
        assert calls(tmp_path) == ["passing"]
        assert desk.written(order(tmp_path, "passing")) is not None
        monkeypatch.setattr(module, "FAILED", 0.0)
        await told(desk, order(tmp_path, "passing-b"))
        assert desk.written(order(tmp_path, "passing-b")) is None
        await told(desk, order(tmp_path, "passing-b"))
        await desk.close()

    run(go())
    assert calls(tmp_path) == ["passing", "passing-b", "passing-b"]


def test_who_leaves_does_not_stop_the_text_for_the_others(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        leaving = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        staying = asyncio.create_task(told(desk, order(tmp_path, "slow-a")))
        await begun(tmp_path, "slow-a")
        leaving.cancel()
        (tmp_path / "go").touch()
        found = await staying
        await desk.close()
        return found

    assert run(go())[-1].result


def test_closing_ends_what_waits_and_the_process(tmp_path: Path):
    async def go():
        desk = Desk(write, 5, 30)
        asking = [asyncio.create_task(told(desk, order(tmp_path, item))) for item in ("hang", "b")]
        await begun(tmp_path, "hang")
        start = time.monotonic()
        await desk.close()
        ended = await asyncio.gather(*asking, return_exceptions=True)
        return desk.waiting, ended, time.monotonic() - start

    waiting, ended, took = run(go())
    assert waiting == 0
    assert all(isinstance(each, BaseException) for each in ended)
    assert took < 5


def test_only_so_many_texts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "KEPT", 2)

    async def go():
        desk = Desk(write, 5, 30)
        for item in ("a", "b", "c", "c", "a"):
            await told(desk, order(tmp_path, item))
        await desk.close()

    run(go())
    assert calls(tmp_path) == ["a", "b", "c", "a"]
