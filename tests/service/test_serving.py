"""`trail serve` as a process of its own: it answers, takes up a new snapshot, keeps its secrets, and ends when told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import run
from tests.snapshots.making import sealed
from trail.errors import ConfigError, EngineError
from trail.service import ServiceSettings
from trail.service.guard import GuardSettings
from trail.service.keys import create
from trail.service.limits import LimitSettings
from trail.service.serving import Address, prepared


@contextmanager
def serving(*arguments: object):
    """Runs `trail serve` on a free port; yields its address, and then the lines of its log."""
    command = [sys.executable, "-m", "trail", "serve", *map(str, arguments), "--port", "0"]
    log: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as running:
        try:
            url = running.stdout.readline().split()[0]
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    httpx2.get(f"{url}health")
                    break
                except httpx2.RequestError:
                    time.sleep(0.1)
            yield url, log
            running.send_signal(signal.SIGTERM)
            _, err = running.communicate(timeout=30)
            log += err.splitlines()
        finally:
            running.kill()


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.slow
def test_a_server_answers_swaps_and_ends(shop: Path, tmp_path: Path):
    keys = tmp_path / "keys.json"
    secret = create(keys, "tests", ["read"])[1]
    with serving(shop, "--keys", keys) as (url, log):
        asked = {"Authorization": f"Bearer {secret}"}
        first = httpx2.get(f"{url}v1/projects/shop/hits", headers=asked)
        assert first.status_code == 200
        assert httpx2.get(f"{url}v1/projects/shop/hits").status_code == 401
        assert (
            httpx2.get(f"{url}p/shop", headers={"Accept": "text/html"})
            .headers["location"]
            .startswith("/login")
        )
        page = httpx2.get(f"{url}p/shop", headers=asked | {"Accept": "text/html"})
        assert page.status_code == 200
        assert page.headers.get_list("content-security-policy") == [page.headers["content-security-policy"]]
        sealed(shop / "snapshots" / "2024-05-27", data="d2", cards="all")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            now = httpx2.get(f"{url}v1/projects/shop/hits", headers=asked).json()["period"]["snapshot"]
            if now != first.json()["period"]["snapshot"]:
                break
            time.sleep(0.1)
        assert now == "2024-05-27"
    text = "\n".join(log)
    assert "snapshot 2024-05-27" in text
    assert secret not in text
    lines = [json.loads(line) for line in log if line.startswith("{")]
    assert {"GET"} == {line["method"] for line in lines}
    assert any(line["path"] == "/v1/projects/shop/hits" and line["status"] == 401 for line in lines)
    acts = [json.loads(line)["act"] for line in keys.with_name("audit.jsonl").read_text().splitlines()]
    assert acts[0] == "server_started"
    assert acts.count("snapshot_published") == 2


def test_what_cannot_be_served_is_refused_before_it_listens(shop: Path, tmp_path: Path):
    settings, guard = ServiceSettings(projects={"shop": shop}), GuardSettings()
    with pytest.raises(ConfigError, match="trail keys create"):
        prepared(settings, guard, Address("0.0.0.0", 0))
    with pytest.raises(ConfigError, match="no file of keys"):
        prepared(settings, guard, Address(port=0), tmp_path / "absent.json")
    one = prepared(settings, guard, Address(port=0))
    assert one.open
    port = int(one.url.rsplit(":", 1)[1].strip("/"))
    one.listener.listen()
    with pytest.raises(EngineError, match="another --port"):
        prepared(settings, guard, Address(port=port))
    one.listener.close()
    assert run("serve", tmp_path / "nowhere").code == 2
    assert run("serve", shop, "--host", "192.0.2.1").code == 2


def test_the_limits_are_options(shop: Path, monkeypatch: pytest.MonkeyPatch):
    told: list[GuardSettings] = []

    def noted(settings: ServiceSettings, guard: GuardSettings, *_: object):
        told.append(guard)
        raise ConfigError("enough")

    monkeypatch.setattr("trail.service.serving.prepared", noted)
    run("serve", shop)
    run("serve", shop, "--limit-key", 7, "--limit-client", 6, "--limit-texts", 5)
    assert [each.limits for each in told] == [LimitSettings(), LimitSettings(7, 6, 5)]
    assert LimitSettings().reads_per_minute > 200 * 60, "a shop that asks 200 times a second needs no option"
    for name in ("--limit-key", "--limit-client", "--limit-texts"):
        assert run("serve", shop, name, 0).code == 2


def test_who_serves_others_by_plain_http_is_warned(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    keys = tmp_path / "keys.json"
    create(keys, "tests", ["read"])
    monkeypatch.setattr("trail.service.serving.Served.run", lambda served: served.listener.close())
    for host, warned in (("0.0.0.0", True), ("127.0.0.1", False)):
        ran = run("serve", shop, "--host", host, "--port", 0, "--keys", keys)
        assert ran.code == 0
        assert [
            f"plain HTTP on {host}" in line and "--certificate" in line for line in ran.err.splitlines()
        ] == ([True] if warned else [])
    settings, guard = ServiceSettings(projects={"shop": shop}), GuardSettings()
    monkeypatch.setattr("trail.service.serving._check_certificate", lambda _: None)
    with_tls = prepared(settings, guard, Address("0.0.0.0", 0, tmp_path / "c", tmp_path / "k"), keys)
    with_tls.listener.close()
    assert with_tls.warning == ""


def test_a_certificate_that_cannot_be_used_is_refused_before_it_listens(shop: Path, tmp_path: Path):
    settings, guard, wrong = ServiceSettings(projects={"shop": shop}), GuardSettings(), tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    absent = tmp_path / "absent.pem"
    for certificate, key in ((absent, absent), (absent, None), (wrong, wrong), (wrong, None), (None, absent)):
        with pytest.raises(ConfigError, match="--certificate"):
            prepared(settings, guard, Address(port=0, certificate=certificate, certificate_key=key))
    assert run("serve", shop, "--port", 0, "--certificate", absent).code == 2


def test_a_user_without_a_name_starts_a_server(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    keys = tmp_path / "keys.json"
    create(keys, "tests", ["read"])
    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    prepared(
        ServiceSettings(projects={"shop": shop}), GuardSettings(), Address(port=0), keys
    ).listener.close()
    (line,) = keys.with_name("audit.jsonl").read_text().splitlines()
    assert json.loads(line)["actor"] == "uid 4711"
