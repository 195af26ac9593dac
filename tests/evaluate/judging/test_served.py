"""The packaged weights behind `transformers serve`, a real server of the protocol, as a machine judge."""

import os
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from trail.evaluate.judging import Comparison, Endpoint, Sheet, ask_machine, kept_asked, of_machine, swaps
from trail.model import backbone_folder
from trail.model.settings import PACKAGED

PATIENCE = 300
SHEET = Sheet(
    "s",
    "seal",
    0,
    (
        Comparison(
            1,
            "candle",
            (("item", "Lavender Candle"), ("expected", "110 orders"), ("80% range", "84 to 140")),
            "We expect 110 orders next week (80% range 84 to 140).",
            "It will sell very well.",
            "trail",
            "untuned",
        ),
    ),
)


@pytest.fixture
def served(monkeypatch):
    """Folder of the weights and the address of a server that answers with them."""
    pytest.importorskip("fastapi", reason="transformers serve needs the extra `serving` of transformers")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = backbone_folder(PACKAGED)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    command = [sys.executable, "-m", "transformers.cli.transformers", *words]
    server = subprocess.Popen(command, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        _await(server, f"http://127.0.0.1:{port}/health")
        yield folder, f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def _await(server, address):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx2.get(address).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.fail(f"no server at {address}")


@pytest.mark.slow
def test_a_real_server_answers_both_orders_and_is_not_asked_twice(served, tmp_path):
    """What a model of this size prefers is no matter; that its answers arrive, are kept and are counted is."""
    folder, url = served
    endpoint = Endpoint(url, str(folder), tokens=40, timeout=PATIENCE)
    found = ask_machine(SHEET, endpoint, tmp_path, lambda *_: None)
    assert [(each.comparison, each.swapped) for each in found] == [(1, False), (1, True)]
    assert all(each.choices or each.unread for each in found)
    assert kept_asked(tmp_path, SHEET) == [found]
    read = all(each.choices for each in found)
    assert len(of_machine(found)) == (3 if read else 0)
    assert [each.asked for each in swaps(found)] == [int(read)] * 3
    gone = Endpoint("http://127.0.0.1:9", str(folder), tries=1)
    assert ask_machine(SHEET, gone, tmp_path, lambda *_: None) == found
