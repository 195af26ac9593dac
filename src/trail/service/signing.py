"""Where people sign in and out: a form, a cookie, and nothing of a key in either."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from trail.errors import TrailError
from trail.evaluate.template import filled
from trail.service.audit import Act, Audit
from trail.service.hosts import is_loopback, name_in
from trail.service.keys import Holder, KeyRing
from trail.service.problems import Problem, error_response, problem_response
from trail.service.sessions import HOME, Sessions, local_path, same_origin, session_in, set_cookie

LOGIN, LOGOUT = "/login", "/logout"
Headers = Mapping[bytes, bytes]
_LONGEST_FORM = 4096
_FORM = b"application/x-www-form-urlencoded"
#: Under `no-referrer` browsers hide the origin of a form from its own service.
_HEADERS = {"Referrer-Policy": "same-origin"}


class SignIn:
    """Answers `/login` and `/logout`.

    Args:
        ring: The keys; null where none is needed.
        sessions: Who is signed in.
        hours: How long that lasts.
        audit: Where it is noted; null for nowhere.
    """

    def __init__(self, ring: KeyRing | None, sessions: Sessions, hours: float, audit: Audit | None) -> None:
        self._ring, self._sessions, self._hours, self._audit = ring, sessions, hours, audit

    async def answer(self, scope: Scope, receive: Receive, path: str, headers: Headers) -> Response:
        """Returns the form, or what came of it."""
        method, root = scope["method"], scope.get("root_path", "")
        if self._ring is None:
            return RedirectResponse(f"{root}{HOME}", 303)
        if path == LOGIN and method in ("GET", "HEAD"):
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("next", [root + HOME])
            return _page(root, local_path(asked[0]), plain=_over_plain_http(scope, headers))
        if method != "POST":
            allowed = "POST" if path == LOGOUT else "GET, HEAD, POST"
            return problem_response(
                Problem.METHOD_NOT_ALLOWED, f"{method} {path}", expected=allowed, headers={"Allow": allowed}
            )
        try:
            if path == LOGOUT:
                return await self._out(scope, headers)
            return await self._in(self._ring, scope, receive, headers)
        except TrailError as error:
            return error_response(error)

    async def _in(self, ring: KeyRing, scope: Scope, receive: Receive, headers: Headers) -> Response:
        """Opens a session for a key that is good."""
        if of_this_service(headers) is False:
            return foreign()
        if not headers.get(b"content-type", b"").lower().startswith(_FORM):
            return problem_response(Problem.WRONG_TYPE, "another kind of body", expected="a form")
        form = await _form(receive)
        if form is None:
            return problem_response(
                Problem.BODY_TOO_LARGE, "a longer form", expected=f"{_LONGEST_FORM} bytes"
            )
        root = scope.get("root_path", "")
        following = local_path(form.get("next", root + HOME))
        holder = ring.find(form.get("key", "").strip())
        if holder is None:
            return _page(root, following, plain=_over_plain_http(scope, headers), wrong=True)
        self._sessions.end(session_in(_text(headers, b"cookie")))
        await self._note(Act.SIGNED_IN, holder.key.id, scope)
        return self._turned(following, self._sessions.begin(holder.key.id), headers)

    async def _out(self, scope: Scope, headers: Headers) -> Response:
        """Closes the session of the cookie."""
        if of_this_service(headers) is not True:
            return foreign()
        name = session_in(_text(headers, b"cookie"))
        if key_id := self._sessions.key_of(name):
            self._sessions.end(name)
            await self._note(Act.SIGNED_OUT, key_id, scope)
        return self._turned(f"{scope.get('root_path', '')}{LOGIN}", "", headers)

    def _turned(self, where: str, session: str, headers: Headers) -> Response:
        """Returns a redirect that sets or takes back the cookie."""
        cookie = set_cookie(session, self._hours, secure=not _from_here(headers))
        return RedirectResponse(where, 303, headers={"Set-Cookie": cookie})

    async def _note(self, act: Act, key_id: str, scope: Scope) -> None:
        if self._audit is not None:
            client = (scope.get("client") or ("",))[0]
            await asyncio.to_thread(self._audit.note, act, f"key {key_id}", client=client)

    def signed_in(self, ring: KeyRing, headers: Headers) -> Holder | None:
        """Returns whose session a cookie names; null if there is none, and it ends if its key is gone."""
        name = session_in(_text(headers, b"cookie"))
        key_id = self._sessions.key_of(name) if name else None
        if key_id is None:
            return None
        holder = ring.get(key_id)
        if holder is None:
            self._sessions.end(name)
        return holder


def of_this_service(headers: Headers) -> bool | None:
    """Tells whether a page of this service sent a request; null where no browser says."""
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
    if origin is None and site is None:
        return None
    return same_origin(
        None if origin is None else origin.decode("latin-1"),
        None if site is None else site.decode("latin-1"),
        _text(headers, b"host"),
    )


def foreign() -> Response:
    """Returns the refusal of a request that another site, or nobody known, sent in a browser's name."""
    return problem_response(
        Problem.CROSS_SITE,
        "a change, or a text to be written, asked for by a page of another site, or by no page",
        expected="the header Origin or Sec-Fetch-Site of a page of this service",
        fix="programs pass their key as `Authorization: Bearer`",
    )


def _from_here(headers: Headers) -> bool:
    """Tells whether a browser asks by a name of this machine's own, with which it keeps a sign-in without TLS."""
    return is_loopback(name_in(_text(headers, b"host")))


def _over_plain_http(scope: Scope, headers: Headers) -> bool:
    """Tells whether a browser that asks from elsewhere will not keep the cookie, which is for TLS alone.

    Of TLS that a proxy does the last connection tells nothing: the proxy does, in X-Forwarded-Proto, and so does a browser,
    which sends Sec-Fetch headers by TLS alone. Whoever makes them up hides a few words from themselves, no more.
    """
    forwarded = _text(headers, b"x-forwarded-proto").partition(",")[0].strip().lower()
    tls = scope.get("scheme") == "https" or forwarded == "https" or b"sec-fetch-site" in headers
    return not tls and not _from_here(headers)


def _page(root: str, following: str, *, plain: bool, wrong: bool = False) -> Response:
    page = filled("trail.service", "login.html.j2", root=root, next=following, plain=plain, wrong=wrong)
    return HTMLResponse(page, 401 if wrong else 200, headers=_HEADERS)


async def _form(receive: Receive) -> Mapping[str, str] | None:
    """Reads a short form; null if it is longer."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return {}
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _LONGEST_FORM:
            return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")
