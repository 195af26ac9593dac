"""Sessions: random names, an end, and a bounded number."""

import pytest

from trail.service.sessions import Sessions, local_path, session_in


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_a_session_ends_by_itself_or_when_it_is_closed():
    clock = Clock()
    sessions = Sessions(hours=12, clock=clock)
    first, second = sessions.begin("a"), sessions.begin("a")
    assert first != second
    assert len(first) == 43
    sessions.end(first)
    sessions.end("never there")
    assert (sessions.key_of(first), sessions.key_of(second)) == (None, "a")
    clock.seconds = 12 * 3600 - 1
    assert sessions.key_of(second) == "a"
    clock.seconds += 1
    assert sessions.key_of(second) is None
    assert len(sessions) == 0


def test_the_oldest_sessions_make_room():
    clock = Clock()
    sessions = Sessions(hours=1, most=3, clock=clock)
    names = []
    for number in range(5):
        names.append(sessions.begin(str(number)))
        clock.seconds += 1
    assert [sessions.key_of(each) for each in names] == [None, None, "2", "3", "4"]
    clock.seconds = 3600 + 3.5
    sessions.begin("new")
    assert len(sessions) == 2, "those that are over go first"


@pytest.mark.parametrize(
    ("cookies", "name"),
    [
        ("trail_session=a", "a"),
        ("x=1; trail_session=a=b ; y", "a=b"),
        ("other_trail_session=a", ""),
        ("trail_session", ""),
        ("", ""),
        (";;=;trail_session=a;trail_session=b", "a"),
    ],
)
def test_the_session_of_a_cookie(cookies, name):
    assert session_in(cookies) == name


def test_a_local_path_is_quoted_and_kept():
    assert local_path("/items/ä b?x=%2F&y=1") == "/items/%C3%A4%20b?x=%2F&y=1"
    assert local_path("/[") == "/%5B"
