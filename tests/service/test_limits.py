"""Limits: windows that move, by a clock that the test sets, and a bounded memory of strangers."""

import threading
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trail.errors import ConfigError
from trail.service.limits import Limits, LimitSettings, network


class Clock:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


def made(**settings):
    clock = Clock()
    return Limits(LimitSettings(**settings), clock), clock


def test_the_window_moves_with_each_request():
    limits, clock = made(reads_per_minute=3)
    for second in (0, 20, 40):
        clock.seconds = 1000.0 + second
        assert limits.key("a") == 0
    clock.seconds = 1059.0
    assert limits.key("a") == 1, "the first request leaves the window in a second"
    clock.seconds = 1060.0
    assert limits.key("a") == 0
    assert limits.key("a") == 20, "what was refused did not count; the next to leave is that of second 20"
    clock.seconds = 1080.5
    assert limits.key("a") == 0


def test_keys_addresses_and_explanations_are_counted_apart():
    limits, _ = made(reads_per_minute=2, client_reads_per_minute=1, explains_per_minute=1)
    assert [limits.key("a"), limits.key("a"), limits.key("a")] == [0, 0, 60]
    assert [limits.key("b"), limits.client("a"), limits.client("a")] == [0, 0, 60]
    assert [limits.key("a", explains=True), limits.key("a", explains=True)] == [0, 60]
    assert [limits.key("b", explains=True), limits.key("b", explains=True)] == [0, 60]


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 40, allow_nan=False)), max_size=40),
)
def test_windows_are_those_of_a_plain_loop(limit, requests):
    limits, clock = made(reads_per_minute=limit)
    passed = {"a": deque(), "b": deque()}
    for who, later in requests:
        clock.seconds += later
        inside = [moment for moment in passed[who] if moment > clock.seconds - 60]
        waits = limits.key(who)
        assert (waits == 0) == (len(inside) < limit)
        if waits:
            assert waits - 1 <= inside[0] + 60 - clock.seconds <= waits
        else:
            passed[who].append(clock.seconds)


def test_the_number_of_addresses_is_bounded_and_keys_are_not_pushed_out():
    limits, clock = made(reads_per_minute=1, client_reads_per_minute=1, clients=5)
    assert limits.key("a") == 0
    for number in range(50):
        assert limits.client(f"10.0.0.{number}") == 0
        assert limits.remembered <= 5
    assert limits.client("10.0.0.49") == 60, "the last ones are known"
    assert limits.client("10.0.0.1") == 0, "the first ones are not"
    assert limits.key("a") == 60
    clock.seconds += 60
    for number in range(5):
        limits.client(f"10.0.1.{number}")
    assert limits.remembered <= 5
    clock.seconds += 60
    for number in range(3):
        limits.client(f"10.0.2.{number}")
    assert limits.remembered == 3, "windows that are over make room before they must"


def test_the_address_seen_longest_ago_is_forgotten():
    limits, clock = made(client_reads_per_minute=2, clients=2)
    for address in ("old", "new", "old", "third"):
        clock.seconds += 1
        assert limits.client(address) == 0
    assert limits.client("old") > 0, "it was seen after the one that made room"


def test_an_ipv6_client_is_its_network():
    limits, _ = made(client_reads_per_minute=1)
    assert limits.client("2001:db8::1") == 0
    assert limits.client("2001:db8::ffff") == 60
    assert limits.client("2001:db8:0:1::1") == 0
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("no address") == "no address"


def test_counting_starts_no_thread():
    limits, _ = made()
    before = threading.active_count()
    for _ in range(100):
        limits.client("10.0.0.1")
    assert threading.active_count() == before


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ConfigError):
        LimitSettings(explains_per_minute=0)
