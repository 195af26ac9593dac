"""Who asks, what they may do, and how often: the last thing before a route."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trail.service.key_file import Scope as KeyScope
from trail.service.key_file import holding
from trail.service.keys import KeyRing
from trail.service.limits import Limits
from trail.service.problems import Problem, problem_response
from trail.service.rules import SAFE_METHODS, is_counted, is_open, is_page, route_path, rule_of
from trail.service.sessions import LONGEST_PATH
from trail.service.signing import LOGIN, LOGOUT, Headers, SignIn, foreign, of_this_service

#: Where the headers of a request lie in its scope, read once.
HEADERS = "trail.headers"
#: What everybody may do where no key is needed.
OPEN_SCOPES = holding([KeyScope.EXPLAIN])


class Asker(NamedTuple):
    """Who asks.

    Attributes:
        key_id: The key's public id; null where no key is needed.
        scopes: What they may do.
        shown: Whether the request itself shows the key. A browser adds a cookie, or its being on this machine, by
            itself, whichever page it is that asks.
    """

    key_id: str | None
    scopes: frozenset[KeyScope]
    shown: bool


_ANYBODY = Asker(None, OPEN_SCOPES, shown=False)
_NOBODY = Asker(None, frozenset(), shown=False)


class Door:
    """ASGI: lets requests through to the routes, or refuses them.

    Args:
        app: The routes.
        ring: The keys; null where none is needed.
        limits: How often is too often.
        desk: Where people sign in.
        origins: Origins of other sites that may ask for changes where no key is needed.
    """

    def __init__(
        self, app: ASGIApp, ring: KeyRing | None, limits: Limits, desk: SignIn, origins: tuple[str, ...] = ()
    ) -> None:
        self._app, self._ring, self._limits, self._desk = app, ring, limits, desk
        self._origins = frozenset(each.encode() for each in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        path, headers = route_path(scope), scope[HEADERS]
        refusal: Response | None = None
        if path in (LOGIN, LOGOUT):
            refusal = self._counted_address(scope) or await self._desk.answer(scope, receive, path, headers)
        elif is_open(path):
            _introduce(scope, self._asker(headers) or _NOBODY)
            refusal = self._counted_address(scope) if is_counted(path) else None
        else:
            refusal = self._refused(scope, path, headers)
        await (refusal or self._app)(scope, receive, send)

    def _refused(self, scope: Scope, path: str, headers: Headers) -> Response | None:
        """Returns why a request is refused; null if it may pass, and then the routes know who asks."""
        asker = self._asker(headers)
        if asker is None:
            return self._counted_address(scope) or self._unknown(scope, path, headers)
        _introduce(scope, asker)
        rule = rule_of(path)
        if rule.explains:
            scope["state"]["explaining"] = partial(self._may_not_explain, asker)
        return (
            (foreign() if self._ring is None and rule.explains and self._embedded(headers) else None)
            or self._counted(asker)
            or (self._foreign(headers) if not asker.shown and scope["method"] not in SAFE_METHODS else None)
            or self._not_allowed(asker, rule.scope, open_mode=rule.open_mode)
        )

    def _may_not_explain(self, asker: Asker) -> Response | None:
        """Counts a text that is to be written; returns the refusal of one too many, or of who may not have it written."""
        return self._not_allowed(asker, KeyScope.EXPLAIN) or self._counted(asker, explains=True)

    def _asker(self, headers: Headers) -> Asker | None:
        """Returns who asks; null if no good key is shown. The key in a header counts before the cookie's."""
        if self._ring is None:
            return _ANYBODY
        text = _shown_key(headers)
        if text is not None:
            holder = self._ring.find(text)
        elif b"cookie" in headers:
            holder = self._desk.signed_in(self._ring, headers)
        else:
            return None
        return Asker(holder.key.id, holder.scopes, shown=text is not None) if holder else None

    def _counted(self, asker: Asker, *, explains: bool = False) -> Response | None:
        """Counts a request, or a text that it has written, and returns its refusal where it is one too many.

        Where no key is needed the machine counts as one key: it is not kept from its own pages as a stranger would be.
        """
        return _too_many(self._limits.key(asker.key_id or "", explains=explains))

    def _counted_address(self, scope: Scope) -> Response | None:
        address, *_ = scope.get("client") or ("",)
        return _too_many(self._limits.client(address))

    def _foreign(self, headers: Headers) -> Response | None:
        """Returns the refusal of a change that another page than this service's asks for in its visitor's name.

        With a cookie the browser must say that it is ours; where no key is needed it must not say that it is not, since
        programs there say nothing.
        """
        ours = of_this_service(headers)
        if self._ring is None:
            return foreign() if ours is False and headers.get(b"origin") not in self._origins else None
        return None if ours else foreign()

    def _embedded(self, headers: Headers) -> bool:
        """Whether another site's page has its visitor's browser ask, as an image would: a text is work even when it is read.

        Without keys nothing else would keep it from working this machine.
        """
        elsewhere = headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
        return elsewhere and headers.get(b"origin") not in self._origins

    def _not_allowed(self, asker: Asker, needed: KeyScope, *, open_mode: bool = False) -> Response | None:
        if needed in asker.scopes or (self._ring is None and open_mode):
            return None
        return problem_response(
            Problem.SCOPE_MISSING,
            f"a key for {', '.join(each for each in KeyScope if each in asker.scopes)}",
            expected=f"a key with the scope {needed.value}",
            fix=f"make one with `trail keys create FILE --name NAME --scope {needed.value}`",
        )

    def _unknown(self, scope: Scope, path: str, headers: Headers) -> Response:
        """Returns the refusal of a request without a good key; people on pages are sent to sign in."""
        browser = scope["method"] in ("GET", "HEAD") and b"text/html" in headers.get(b"accept", b"")
        if browser and is_page(path) and _shown_key(headers) is None:
            asked = scope.get("raw_path") or quote(scope["path"]).encode()
            if scope["query_string"]:
                asked += b"?" + scope["query_string"]
            back = f"?next={quote(asked.decode('latin-1'), safe='')}" if len(asked) <= LONGEST_PATH else ""
            return RedirectResponse(f"{scope.get('root_path', '')}{LOGIN}{back}", 303)
        return problem_response(
            Problem.UNAUTHENTICATED,
            "no key that is known, neither revoked nor expired",
            expected="a key in `Authorization: Bearer` or `X-API-Key`",
            fix="ask whoever runs the service for one, made with `trail keys create`",
            headers={"WWW-Authenticate": 'Bearer realm="trail"'},
        )


def _shown_key(headers: Headers) -> str | None:
    """Returns the key that a request shows in a header, whatever it is; null for none."""
    scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return credentials.strip().decode("latin-1")
    other = headers.get(b"x-api-key")
    return None if other is None else other.strip().decode("latin-1")


def _introduce(scope: Scope, asker: Asker) -> None:
    """Tells the routes who asks: `request.state.key_id` and `.scopes`."""
    scope["state"].update(key_id=asker.key_id, scopes=asker.scopes)


def _too_many(wait: int) -> Response | None:
    if not wait:
        return None
    return problem_response(
        Problem.TOO_MANY_REQUESTS,
        "too many requests within a minute",
        expected="no more than the limit",
        fix=f"ask again in {wait} seconds",
        headers={"Retry-After": str(wait)},
    )
