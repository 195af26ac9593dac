"""Requests that nobody should send, each wrong for certain, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes

BASE = b"/v1/projects/shop"
#: Bytes of a body that are too many; every other body has fewer.
TOO_MANY = 500_001
_JSON = (b"content-type", b"application/json")
_METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "FOO", "get", "POST" * 20, "PROPFIND")
_NUMBERS = (
    "NaN",
    "Infinity",
    "-1e999",
    "1e999",
    "1" * 5000,
    "-1",
    "--1",
    "0x10",
    "1,5",
    "",
    " ",
    "1 OR 1=1",
    "null",
    "[]",
    "1e",
    "\x00",
    "⅓",
)
_JUNK = (
    "\x00", "\r\nset-cookie: a=b", "../../../../etc/passwd", "..\\..\\", "%s%n", "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>",
    "' OR '1'='1", "\u202e", "\ufeff", "\U0001f4a9" * 50, "a" * 3000, "-" * 501, "\x1b[31m", "%", "%zz", "é" * 300,
)  # fmt: skip
_READS = (b"/hits", b"/items/x", b"/explanations/x", b"/snapshots", b"/diff", b"/scorecard", b"/period")


@dataclass(frozen=True)
class Bad:
    """A request as bytes: what it is, and its parts as they would go over a wire."""

    kind: str
    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


def _junk(rng: random.Random) -> str:
    return rng.choice(_JUNK) + "".join(chr(rng.randrange(1, 0x2FF)) for _ in range(rng.randrange(8)))


def _no_such_path(rng: random.Random) -> Bad:
    parts = [quote(_junk(rng), safe=rng.choice(["", "/", ".%"])) for _ in range(rng.randrange(1, 5))]
    return Bad(
        "path",
        "GET",
        b"/"
        + rng.choice(["v1/", "v2/", "v1/projects/shop/", "//", "%2e%2e/"]).encode()
        + "/x/".join([*parts, "x"]).encode(),
    )


def _no_such_project(rng: random.Random) -> Bad:
    name = quote(_junk(rng).replace("/", ""), safe="") or "x"
    return Bad("project", "GET", b"/v1/projects/" + name.encode() + b"%21" + rng.choice(_READS))


def _no_such_item(rng: random.Random) -> Bad:
    name = quote_from_bytes(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40))), safe="")
    return Bad("item", "GET", BASE + rng.choice([b"/items/", b"/explanations/"]) + name.encode() + b"!")


def _bad_number(rng: random.Random) -> Bad:
    name = rng.choice(["limit", "offset", "price_min", "price_max"])
    value = rng.choice([each for each in _NUMBERS if each != "1" * 5000 or not name.startswith("price")])
    return Bad("number", "GET", BASE + b"/hits?" + f"{name}={quote(value)}".encode())


def _unknown_parameter(rng: random.Random) -> Bad:
    return Bad(
        "parameter", "GET", BASE + b"/hits?x" + quote(_junk(rng), safe=rng.choice(["", "%"])).encode() + b"=1"
    )


def _no_such_snapshot(rng: random.Random) -> Bad:
    where = rng.choice(
        [b"/hits?at=", b"/items/x?at=", b"/period?at=", b"/diff?older=", b"/explanations/x?at="]
    )
    return Bad(
        "snapshot",
        "GET",
        BASE + where + quote(rng.choice([_junk(rng), "9" * 39, "-", "T", "2026-13-45"]) + "-").encode(),
    )


def _raw_query(rng: random.Random) -> Bad:
    bytes_ = bytes(rng.choice(b"%&=;+\xff\xfe\x80abc[]{}\"'\\^`|~") for _ in range(rng.randrange(1, 60)))
    return Bad("raw query", "GET", BASE + b"/hits?limit=x&" + bytes_)


def _bad_method(rng: random.Random) -> Bad:
    return Bad("method", rng.choice(_METHODS), BASE + rng.choice(_READS))


def _nested(rng: random.Random) -> bytes:
    depth, (start, end) = rng.choice([10, 1000, 50_000]), rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    return start * depth + b"1" + end * rng.choice([0, depth])


def _mangled(rng: random.Random, good: bytes) -> bytes:
    at = rng.randrange(1, len(good))
    return rng.choice(
        [good[:at], good[:at] + bytes([rng.choice([0, 0x80, 0xFF, 0x7B])]) + good[at + 1 :] + b"}"]
    )


def _value(rng: random.Random) -> object:
    wrong = (None, True, [], {}, 1, 10**400, -0.0, "", "x" * 2001, [[]], {"a": [1]}, "\ud800", "\x00")
    return rng.choice(wrong)


def _body(rng: random.Random, good: dict) -> bytes:
    text = json.dumps(good).encode()
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: b"",
        lambda: _nested(rng),
        lambda: _mangled(rng, text),
        lambda: text.decode().encode("utf-16"),
        lambda: b"\xff\xfe" + text,
        lambda: b"{" * rng.randrange(1, 400),
        lambda: json.dumps([good]).encode(),
        lambda: json.dumps(good | {f"x{_junk(rng)}": _value(rng)}).encode(),
        lambda: json.dumps(good | {"\ud800": 1}).encode(),
        lambda: json.dumps({rng.choice(list(good)): _value(rng)}).encode(),
        lambda: rng.choice(
            [b"NaN", b"Infinity", b"null", b"true", b'"x"', b"0", b"<a/>", b"item_id=x&text=y", b"\x00" * 50]
        ),
        lambda: bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200))) + b"{",
        lambda: b'{"item_id": ' + b"9" * 6000 + b"}",
    )
    return rng.choice(makers)()


def _bad_verify(rng: random.Random) -> Bad:
    return Bad(
        "verify",
        "POST",
        BASE + b"/verify",
        (_JSON,),
        _body(rng, {"item_id": "nothing!", "text": "Expect 3."}),
    )


def _bad_rerank(rng: random.Random) -> Bad:
    good = {"items": [{"item_id": "nothing!", "score": 1}], "limit": 3}
    if rng.random() < 0.2:
        score = rng.choice([b"NaN", b"1e999", b'"x"', b"null", b"{}", b"[1]"])
        return Bad(
            "rerank",
            "POST",
            BASE + b"/rerank",
            (_JSON,),
            b'{"items": [{"item_id": "a", "score": ' + score + b"}]}",
        )
    if rng.random() < 0.02:
        many = [{"item_id": f"{at}", "score": 1} for at in range(10_001)]
        return Bad("rerank", "POST", BASE + b"/rerank", (_JSON,), json.dumps({"items": many}).encode())
    return Bad("rerank", "POST", BASE + b"/rerank", (_JSON,), _body(rng, good))


def _odd_type(rng: random.Random) -> Bad:
    kind = rng.choice(
        [
            "",
            "text/plain",
            "application/xml",
            "application/json; charset=\xff",
            "multipart/form-data",
            "a" * 500,
            "application/x-www-form-urlencoded",
        ]
    )
    return Bad(
        "type",
        "POST",
        BASE + rng.choice([b"/verify", b"/rerank"]),
        ((b"content-type", kind.encode("latin-1")),),
        b'{"x": 1}',
    )


def _too_large(rng: random.Random) -> Bad:
    """A body over the limit, its length told beforehand or not."""
    told = ((b"content-length", b"%d" % TOO_MANY),) if rng.random() < 0.5 else ()
    where = BASE + rng.choice([b"/verify", b"/rerank", b"/hits", b"/nothing"])
    return Bad("large", rng.choice(["POST", "PUT"]), where, (_JSON, *told), b" " * TOO_MANY)


def _odd_headers(rng: random.Random) -> Bad:
    names = (
        b"accept",
        b"cookie",
        b"authorization",
        b"x-forwarded-for",
        b"range",
        b"if-none-match",
        b"accept-encoding",
        b"traceparent",
        b"x",
    )
    junk = bytes(rng.randrange(0x21, 0xFF) for _ in range(rng.randrange(1, 300)))
    headers = tuple((rng.choice(names), junk) for _ in range(rng.randrange(1, 30)))
    return Bad(
        "headers", "GET", BASE + rng.choice([b"/hits?limit=0", b"/items/nothing!", b"/nothing"]), headers
    )


_KINDS = (
    _no_such_path, _no_such_project, _no_such_item, _bad_number, _unknown_parameter, _no_such_snapshot, _raw_query, _bad_method,
    _bad_verify, _bad_verify, _bad_rerank, _bad_rerank, _odd_type, _odd_headers, _too_large,
)  # fmt: skip


def malformed(number: int, seed: int = 0) -> Iterator[Bad]:
    """Yields requests, each sort as often as any other."""
    rng = random.Random(seed)
    for at in range(number):
        yield _KINDS[at % len(_KINDS)](rng)
