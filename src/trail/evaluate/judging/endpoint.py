"""A client of `/v1/chat/completions`, the protocol that most servers of language models speak."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx2

from trail.errors import ConfigError, EngineError, TrailError

#: Statuses after which the same request may succeed.
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
#: Longest wait before a repeat, in seconds, whatever a server asks for.
_LONGEST_WAIT = 60.0
_MESSAGE = 200


@dataclass(frozen=True)
class Endpoint:
    """A server and how patiently it is asked.

    Attributes:
        url: Its address, with or without `/v1`: http://localhost:8000/v1.
        model: The model's name there.
        key: API key, sent as a bearer token and shown nowhere; empty for none.
        timeout: Seconds that one answer may take.
        tries: Requests for one answer, repeats included.
        pause: Seconds before the first repeat; twice as long before each next one.
        tokens: Most tokens of an answer.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 120.0
    tries: int = 5
    pause: float = 1.0
    tokens: int = 512

    @property
    def address(self) -> str:
        """Where requests go.

        Raises:
            ConfigError: If the URL is none of a server, or holds a password, which messages would show.
        """
        try:
            parts = urlsplit(self.url)
            httpx2.URL(self.url)
            plain = not parts.query and not parts.fragment and parts.port != 0
            sound = parts.scheme in ("http", "https") and parts.hostname and plain
        except (ValueError, httpx2.InvalidURL):
            sound = False
        if not sound:
            raise ConfigError(
                f"{self.url!r}", expected="a URL such as http://localhost:8000/v1", where="--url"
            )
        if parts.username or parts.password:
            raise ConfigError(
                "a URL with a user or a password", expected="the key in the environment alone", where="--url"
            )
        base = self.url.rstrip("/").removesuffix("/chat/completions").removesuffix("/v1")
        return f"{base}/v1/chat/completions"

    def client(self) -> httpx2.Client:
        """Returns a client that sends the key and follows no redirect, so that the key goes nowhere else.

        Raises:
            ConfigError: If the key cannot be sent in a header; the message does not show it.
        """
        if not all("!" <= each <= "~" for each in self.key):
            raise ConfigError(
                "an API key with a space or a strange character", expected="letters, digits and marks"
            )
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return httpx2.Client(headers=headers, timeout=self.timeout, follow_redirects=False)

    def ask(self, client: httpx2.Client, messages: Sequence[Mapping[str, str]]) -> str:
        """Returns what the model answers, empty where it says nothing; what may pass is tried again with growing pauses.

        Raises:
            ConfigError: If the server refuses the request.
            EngineError: If it cannot be reached, fails or sends no answer, every time.
        """
        body = {
            "model": self.model,
            "messages": list(messages),
            "temperature": 0,
            "max_tokens": self.tokens,
        }
        trouble, silent = "", False
        for attempt in range(self.tries):
            wait = self.pause * 2**attempt
            try:
                answer = client.post(self.address, json=body)
            except httpx2.RequestError as error:
                trouble = f"{type(error).__name__}: {error}"
            else:
                content = _content(answer)
                if answer.status_code == HTTPStatus.OK and content:
                    return content
                silent = answer.status_code == HTTPStatus.OK and content is not None
                trouble = self._said(answer)
                if answer.status_code != HTTPStatus.OK and answer.status_code not in _PASSING:
                    raise self._refused(answer, trouble)
                wait = _asked_wait(answer) or wait
            if attempt + 1 < self.tries:
                time.sleep(min(wait, _LONGEST_WAIT))
        if silent:
            return ""
        raise EngineError(
            f"no answer after {self.tries} requests, the last one: {trouble}",
            expected="an answer of a chat model",
            where=self.address,
            fix="see that the server runs, then run the command again: what was answered is kept",
        )

    def _said(self, answer: httpx2.Response) -> str:
        """Returns a status with what the server says of it, the key struck out."""
        text = answer.text.replace(self.key, "***") if self.key else answer.text
        return f"status {answer.status_code}, {' '.join(text.split())[:_MESSAGE] or 'nothing'!r}"

    def _refused(self, answer: httpx2.Response, trouble: str) -> TrailError:
        keyed = answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        return ConfigError(
            f"the server refuses: {trouble}",
            expected="an endpoint that knows the model",
            where=self.address,
            fix="put its API key into the environment" if keyed else "check --url and --model",
        )


def _content(answer: httpx2.Response) -> str | None:
    """Returns the text of a completion, empty where the model was cut off before any, null where the body is none."""
    try:
        content: Any = answer.json()["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return content if isinstance(content, str) else "" if content is None else None


def _asked_wait(answer: httpx2.Response) -> float:
    """Returns the seconds that a server asks to wait; 0 where it says nothing, or a date."""
    try:
        return max(0.0, float(answer.headers.get("retry-after", "")))
    except ValueError:
        return 0.0
