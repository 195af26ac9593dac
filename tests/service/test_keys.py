"""Keys: made once, kept as digests, found in constant time, and gone from a running service when they are revoked."""

import errno
import hashlib
import hmac
import json
import logging
import multiprocessing
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import run
from trail.errors import ConfigError
from trail.service import keys as module
from trail.service.key_file import read_keys
from trail.service.keys import KeyRing, Scope, create, listed, redacted, revoke

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made" / "keys.json"


class Clock:
    """Seconds that a test sets."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_a_key_is_found_and_nothing_but_its_digest_is_kept(path):
    made, text = create(path, "shop", ["explain"], days=90, now=NOW)
    prefix, key_id, secret = text.split("_", 2)
    assert (prefix, key_id, len(secret)) == ("trail", made.id, 43)
    assert made.expires == NOW + timedelta(days=90)
    assert made.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in path.read_text()
    assert secret not in repr(made)
    assert made.digest not in repr(made)
    holder = KeyRing(path, now=lambda: NOW).find(text)
    assert holder.key == made
    assert holder.scopes == {Scope.READ, Scope.EXPLAIN}
    assert listed(path) == (made,)


def test_the_file_is_its_owners_alone_whoever_made_it_before(path):
    create(path, "a", ["read"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    create(path, "b", ["read"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("asked", "held"), [("read", {"read"}), ("explain", {"read", "explain"}), ("admin", set(Scope))]
)
def test_a_scope_holds_those_before_it(path, asked, held):
    _, text = create(path, "a", [asked])
    assert KeyRing(path).find(text).scopes == held


def test_a_key_ends_at_its_moment(path):
    made, text = create(path, "a", ["read"], days=1, now=NOW)
    moments = iter([made.expires - timedelta(seconds=1), made.expires, made.expires])
    ring = KeyRing(path, now=lambda: next(moments))
    assert ring.find(text)
    assert ring.find(text) is None
    assert ring.get(made.id) is None


def test_what_is_wrong_is_not_found(path):
    made, text = create(path, "a", ["read"])
    other, other_text = create(path, "b", ["admin"])
    ring = KeyRing(path)
    secret, other_secret = text.split("_", 2)[2], other_text.split("_", 2)[2]
    for wrong in (
        "",
        "_",
        "__",
        "trail",
        f"trail_{made.id}",
        f"trail_{made.id}_",
        text[:-1],
        text + "x",
        text.upper(),
        f"trail_00000000_{secret}",
        f"trail_{other.id}_{secret}",
        f"trail_{made.id}_{other_secret}",
        f"other_{made.id}_{secret}",
        f"trail_{made.id}_{made.digest}",
        text + "x" * 10_000,
        "trail_\udcff_\udcff",
    ):
        assert ring.find(wrong) is None, wrong
    assert ring.find(text).key.id == made.id


def test_an_unknown_id_costs_the_same_comparison(path, monkeypatch):
    made, text = create(path, "a", ["read"])
    compared, compare_digest = [], hmac.compare_digest

    def compare(one, other):
        compared.append((len(one), len(other)))
        return compare_digest(one, other)

    monkeypatch.setattr(module.hmac, "compare_digest", compare)
    ring = KeyRing(path)
    for each in (text, text[:-1] + "?", text.replace(made.id, "0" * 8), "nonsense"):
        ring.find(each)
    assert compared == [(64, 64)] * 4


def test_a_revoked_key_is_refused_without_a_restart(path):
    clock = Clock()
    made, text = create(path, "a", ["read"])
    kept, kept_text = create(path, "b", ["read"])
    ring = KeyRing(path, clock=clock)
    assert revoke(path, made.id) == made
    assert ring.find(text), "the file is looked at once a second"
    clock.seconds = 1.0
    assert ring.find(text) is None
    assert ring.get(made.id) is None
    assert ring.find(kept_text).key == kept
    with pytest.raises(ConfigError, match=kept.id):
        revoke(path, made.id)


def test_a_revoked_key_is_refused_though_the_first_look_could_not_read(path, monkeypatch, caplog):
    made, text = create(path, "a", ["read"])
    create(path, "b", ["read"])
    ring = KeyRing(path, every=0.0)
    revoke(path, made.id)

    def full(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(Path, "read_text", full)
        for _ in range(3):
            assert ring.find(text), "the keys known before stay in force"
    assert len(caplog.records) == 1
    assert ring.find(text) is None


def test_a_new_key_is_known_without_a_restart(path):
    create(path, "a", ["read"])
    ring = KeyRing(path, every=0.0)
    _, text = create(path, "b", ["read"])
    assert ring.find(text)
    assert len(ring) == 2


@pytest.mark.parametrize("how", ["cut", "gone", "foreign", "deep"])
def test_a_damaged_file_is_logged_once_and_the_last_good_keys_stay(path, caplog, how):
    _, text = create(path, "a", ["read"])
    ring = KeyRing(path, every=0.0)
    good = path.read_text()
    if how == "gone":
        path.unlink()
    else:
        path.write_text({"cut": good[:100], "foreign": '{"keys": 3}', "deep": "[" * 100_000}[how])
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert ring.find(text)
    (record,) = caplog.records
    assert "\n" not in record.getMessage()
    assert str(path) in record.getMessage()
    with pytest.raises(ConfigError):
        KeyRing(path)
    path.write_text(good.replace("[", "[ ", 1))
    caplog.clear()
    assert ring.find(text)
    assert not caplog.records


def test_a_damaged_file_is_refused_by_its_entry_and_left_as_it_is(path):
    create(path, "a", ["read"])
    values = json.loads(path.read_text())
    (row,) = values["keys"]
    for name, wrong in {
        "id": "xyz",
        "name": "two\nlines",
        "scopes": ["root"],
        "created": "2026-03-01T00:00:00",
        "expires": 777_777,
        "digest": "secret",
    }.items():
        text = json.dumps(values | {"keys": [row, row | {"id": "0" * 8, name: wrong}]})
        path.write_text(text)
        with pytest.raises(ConfigError, match=f"the {name} of key 2") as raised:
            create(path, "b", ["read"])
        assert str(wrong) not in raised.value.found.removeprefix("a damaged")
        assert path.read_text() == text
    for rows, words in (([row, row], "twice"), ([row | {"more": 1}], "fields"), ([3], "fields")):
        path.write_text(json.dumps(values | {"keys": rows}))
        with pytest.raises(ConfigError, match=words):
            KeyRing(path)


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", ["read"], 1),
        ("a\x1b[2J", ["read"], 1),
        ("a" * 65, ["read"], 1),
        ("a", ["root"], 1),
        ("a", [], 1),
        ("a", ["read"], -1),
        ("a", ["read"], 10**9),
    ],
)
def test_wrong_arguments_make_no_key(path, name, scopes, days):
    with pytest.raises(ConfigError):
        create(path, name, scopes, days=days)
    assert not path.exists()


def test_a_key_is_made_after_the_one_that_is_being_made(path, monkeypatch):
    both = threading.Barrier(2)

    def read(where):
        found = read_keys(where)
        with suppress(threading.BrokenBarrierError):
            both.wait(
                0.1
            )  # were both to read before one has written, the later one would lose the other's key
        return found

    create(path, "first", ["read"])
    monkeypatch.setattr(module, "read_keys", read)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: create(path, name, ["read"]), ("one", "two")))
    monkeypatch.undo()
    assert {each.name for each in listed(path)} == {"first", "one", "two"}


def _make(path, name, count):
    for _ in range(count):
        create(path, name, ["read"])


def test_processes_that_make_keys_at_once_lose_none(path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["trail.service.keys"])
    started = [context.Process(target=_make, args=(path, name, 10)) for name in ("one", "two")]
    for each in started:
        each.start()
    for each in started:
        each.join(60)
    assert [each.exitcode for each in started] == [0, 0]
    assert sorted(each.name for each in listed(path)) == ["one"] * 10 + ["two"] * 10


@given(st.text(max_size=80))
def test_a_key_is_struck_out_of_any_text(around):
    secret = "A9_-" * 11
    assert secret not in redacted(f"{around}trail_0123abcd_{secret}")
    if "trail_" not in around:
        assert redacted(around) == around


def test_the_command_line_shows_a_key_once(path):
    made = run("keys", "create", path, "--name", "shop", "--scope", "explain", "--days", 90, "--json")
    assert made.code == 0, made.err
    text, key_id = made.json["key"], made.json["id"]
    assert KeyRing(path).find(text).key.id == key_id
    assert (made.json["name"], made.json["scopes"], made.json["expired"]) == ("shop", ["explain"], False)
    shown = run("keys", "create", path, "--name", "other", "--days", 0)
    assert "never shown again" in shown.out
    assert "for ever" in shown.out
    assert KeyRing(path).find(shown.out.splitlines()[0]).scopes == {Scope.READ}

    after = [
        run("keys", "list", path),
        run("keys", "list", path, "--json"),
        run("keys", "revoke", path, key_id),
    ]
    assert [each.code for each in after] == [0, 0, 0]
    assert {each["name"] for each in after[1].json["keys"]} == {"shop", "other"}
    assert key_id in after[0].out
    told = "".join(each.out + each.err for each in after) + (path.parent / "audit.jsonl").read_text()
    for secret in (text, shown.out.splitlines()[0]):
        assert secret.split("_", 2)[2] not in told
    assert KeyRing(path).find(text) is None


def test_the_command_line_notes_what_it_did_and_says_what_is_wrong(path):
    key_id = run("keys", "create", path, "--name", "shop", "--json").json["id"]
    assert run("keys", "revoke", path, key_id).code == 0
    lines = [json.loads(line) for line in (path.parent / "audit.jsonl").read_text().splitlines()]
    assert [(each["act"], each["details"]["key"]) for each in lines] == [
        ("key_created", key_id),
        ("key_revoked", key_id),
    ]
    for words in (("revoke", path, key_id), ("create", path, "--name", "a", "--scope", "root")):
        assert run("keys", *words).code == 2
    missing = run("keys", "list", path.parent / "none.json", "--json")
    assert missing.code == 2
    assert "trail keys create" in json.loads(missing.err)["fix"]
