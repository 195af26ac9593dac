"""Answers as gzip: the very words, only for who accepts it, compressed once while nothing changes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import made, point, served, until
from trail.service import zipping
from trail.service.pages import render

LISTS = "/v1/projects/shop/hits"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder, look_seconds=60) as client:
        yield client


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was compressed."""
    found, compress = [], gzip.compress

    def counting(body: bytes, **how: int) -> bytes:
        found.append(body)
        return compress(body, **how)

    monkeypatch.setattr(zipping.gzip, "compress", counting)
    return found


@pytest.mark.parametrize("address", [LISTS, f"{LISTS}?at=2026-03-02", "/p/shop", "/p/shop.json"])
def test_whoever_accepts_it_gets_the_very_words_in_fewer_bytes(client: TestClient, address: str):
    plain = client.get(address, headers=PLAIN)
    for _ in range(2):
        zipped = client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.5"})
        assert zipped.headers["content-encoding"] == "gzip"
        assert zipped.text == plain.text
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 2
        assert "content-encoding" not in client.get(address, headers=PLAIN).headers
        for each in (plain, zipped):
            assert each.headers["vary"] == "Accept-Encoding"
            assert each.headers["content-type"] == plain.headers["content-type"]
            assert each.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000, br", "gzipped", "*", "identity"])
def test_others_get_it_as_it_is(client: TestClient, accepted: str):
    for address in (LISTS, "/p/shop"):
        for _ in range(2):
            answer = client.get(address, headers={"Accept-Encoding": accepted})
            assert "content-encoding" not in answer.headers


def test_what_did_not_change_is_compressed_once(
    tmp_path: Path, compressed: list[bytes], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(render, "_zipped", zipping.Zipped())
    older, newer = made(tmp_path / "shop", 2)
    point(tmp_path / "shop", older)
    with served(tmp_path / "shop") as client:
        for address in (LISTS, "/p/shop", "/p/shop.json"):
            for _ in range(3):
                client.get(address)
                client.get(address, headers=PLAIN)
        assert len(compressed) == len(set(compressed)) == 3
        point(tmp_path / "shop", newer)
        until(lambda: newer.name in client.get(LISTS, headers=PLAIN).text)
        for address in (LISTS, "/p/shop"):
            assert newer.name in client.get(address).text
        assert len(compressed) == 5


def test_so_many_pages_are_kept_and_the_oldest_go(compressed: list[bytes], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zipping, "_MOST", 2)
    zipped = zipping.Zipped()
    for body in (b"a", b"b", b"a", b"c", b"a", b"b"):
        assert gzip.decompress(zipped.of(body, "gzip")) == body
    assert compressed == [b"a", b"b", b"c", b"b"]
    assert zipped.of(b"d", "") == b"d"
