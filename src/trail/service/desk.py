"""Explanations written on demand: one at a time in a process of their own, the same one once however many ask."""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trail.child import settle
from trail.errors import EngineError
from trail.service.problems import FullError, LateError

_LOG = logging.getLogger("trail.service")
#: What a written text belongs to: project's folder, snapshot, item; and the snapshot's seal, for another one may come to lie
#: under its name.
Order = tuple[Path, str, str, str]
#: Seconds between two signs of life on a stream.
BEAT = 10.0
#: Texts that were written last are kept, so many, and as many failures.
KEPT = 500
#: Seconds that a failure, and a text that may soon be a better one, are told to whoever asks for the same text again.
FAILED = 60.0
#: Of the places that may wait, one key has one in so many, and at least so many.
_SHARES, _LEAST_SHARE = 4, 2


@dataclass
class _Job:
    """A text that is being written or waits for it, who ordered it, and how many come before; `moved` is done when that changes."""

    done: asyncio.Future[Any]
    moved: asyncio.Future[None]
    task: asyncio.Task[None] | None = None
    ahead: int = 0
    begun: bool = False
    who: str = ""

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, ahead: int, who: str) -> _Job:
        done: asyncio.Future[Any] = loop.create_future()
        # an error that nobody waits for is no warning
        done.add_done_callback(lambda it: it.cancelled() or it.exception())
        return cls(done, loop.create_future(), ahead=ahead, who=who)

    def move(self, ahead: int, *, begun: bool) -> None:
        """Says how far it is now, to all who follow."""
        self.ahead, self.begun = ahead, begun
        was, self.moved = self.moved, self.moved.get_loop().create_future()
        was.set_result(None)


@dataclass(frozen=True)
class News:
    """How far a text is: `queued`, `working` or `done`."""

    state: str
    ahead: int = 0
    result: Any = None


class Desk:
    """Takes orders for texts and has them written.

    Args:
        write: Writes one, in another process: project's folder, snapshot's name, item -> what was written.
        most: Orders that may wait; one key may have a quarter of them, at least two.
        seconds: That the writing of one may take.
    """

    def __init__(self, write: Callable[[Path, str, str], Any], most: int, seconds: float) -> None:
        self._write, self._most, self._seconds = write, most, seconds
        self._jobs: dict[Order, _Job] = {}
        self._kept: OrderedDict[Order, tuple[float, Any]] = OrderedDict()
        self._failed: OrderedDict[Order, tuple[float, Exception]] = OrderedDict()
        self._turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    @property
    def waiting(self) -> int:
        """Orders that are written or wait."""
        return len(self._jobs)

    def written(self, order: Order) -> Any | None:
        """Returns a text that was written, as long as it is kept; null without."""
        until, result = self._kept.get(order, (0.0, None))
        return result if until > time.monotonic() else None

    def knows(self, order: Order) -> bool:
        """Whether a text is written, being written, waited for, or could not be written a moment ago: asking costs nothing."""
        return self.written(order) is not None or order in self._jobs or self._failure(order) is not None

    async def follow(self, order: Order, who: str = "") -> AsyncIterator[News]:
        """Orders a text, unless it is ordered, and yields how far it is until it is written; a beat now and then.

        What could not be written a moment ago is not ordered anew: who asks again and again, without a stream, must hear
        of it.

        Args:
            order: Of which item.
            who: Id of the key that asks; empty without keys.

        Raises:
            FullError: If too many wait, or too many of this key.
            LateError: If it took too long.
            Exception: If it cannot be written, or could not be a moment ago.
        """
        if (kept := self.written(order)) is not None:
            yield News("done", result=kept)
            return
        if failure := self._failure(order):
            raise failure
        job = self._jobs.get(order) or self._take(order, who)
        told = None
        while not job.done.done():
            moved, news = job.moved, News("working") if job.begun else News("queued", job.ahead)
            if news != told:
                told = news
                yield news
            await asyncio.wait([job.done, moved], timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            if not (job.done.done() or moved.done()):
                yield News("beat")
        yield News("done", result=job.done.result())

    def _failure(self, order: Order) -> Exception | None:
        """Returns why a text could not be written a moment ago."""
        moment, error = self._failed.get(order, (0.0, None))
        if error is None or moment + FAILED > time.monotonic():
            return error and error.with_traceback(None)
        del self._failed[order]
        return None

    def _take(self, order: Order, who: str) -> _Job:
        share = max(_LEAST_SHARE, self._most // _SHARES)
        mine = sum(each.who == who for each in self._jobs.values())
        if who and mine >= share:
            raise FullError(
                f"{mine} texts of this key wait to be written",
                expected=f"fewer than {share} of one key",
                fix="ask again when they are written",
            )
        if len(self._jobs) >= self._most:
            raise FullError(
                f"{len(self._jobs)} texts wait to be written",
                expected=f"fewer than {self._most}",
                fix="ask again in a minute",
            )
        loop = asyncio.get_running_loop()
        job = _Job.of(loop, len(self._jobs), who)
        self._jobs[order] = job
        job.task = loop.create_task(self._do(order, job))
        return job

    async def _do(self, order: Order, job: _Job) -> None:
        try:
            async with self._turn:
                job.move(0, begun=True)
                result = await asyncio.wait_for(self._in_process(order), self._seconds)
            passing = getattr(result, "passing", False)
            _keep(self._kept, order, (time.monotonic() + FAILED if passing else math.inf, result))
            job.done.set_result(result)
        except TimeoutError:
            self._stop()
            said = f"a text that took more than {self._seconds:.0f} s"
            self._fail(order, job, LateError(said, fix="ask for the plain one, by=plain"))
        except BrokenProcessPool:
            self._stop()
            self._fail(
                order, job, EngineError("the process that writes texts died", fix="ask again in a minute")
            )
        except asyncio.CancelledError:
            job.done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, whoever waits must hear of it
            self._fail(order, job, error)
        finally:
            del self._jobs[order]
            for each in self._jobs.values():
                if not each.begun:
                    each.move(max(0, each.ahead - 1), begun=False)

    def _fail(self, order: Order, job: _Job, error: Exception) -> None:
        """Tells all who wait, and for a moment all who ask again."""
        _keep(self._failed, order, (time.monotonic(), error))
        job.done.set_exception(error)

    async def _in_process(self, order: Order) -> Any:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=settle)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._write, *order[:3])

    def _stop(self) -> None:
        """Ends the process that writes; the next order begins another."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - the one way to end a call that hangs
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)

    async def close(self) -> None:
        """Ends all."""
        tasks = [job.task for job in self._jobs.values() if job.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._stop()


def _keep(among: OrderedDict[Order, Any], order: Order, value: Any) -> None:
    """Keeps a value as the newest, and forgets the oldest past so many."""
    among[order] = value
    among.move_to_end(order)
    while len(among) > KEPT:
        among.popitem(last=False)
