"""Who gets in: keys, sessions, scopes, limits, other sites, and a service without keys."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.service.guarding import HERE
from tests.service.test_guard import code
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import revoke
from trail.service.limits import LimitSettings

SAME = {"Origin": HERE}
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def signed_in(made, scope="read", base=HERE):
    client = made.client("", base)
    answer = client.post("/login", data={"key": made.keys[scope]}, headers={"Origin": base})
    assert answer.status_code == 303
    return client


def test_a_key_is_shown_in_a_header(served):
    made = served()
    key_id = made.keys["explain"].split("_")[1]
    for headers in (
        {"Authorization": f"Bearer {made.keys['explain']}"},
        {"Authorization": f"bearer  {made.keys['explain']} "},
        {"X-API-Key": made.keys["explain"]},
        {"Authorization": "Basic YTpi", "X-API-Key": made.keys["explain"]},
    ):
        answer = made.client().get("/v1/items/a", headers=headers)
        assert answer.json() | {"id": ""} == {"key": key_id, "scopes": ["explain", "read"], "id": ""}


def test_a_wrong_key_is_refused_even_beside_a_good_one(served):
    made = served()
    good = made.keys["admin"]
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": good},
        {"Authorization": f"Bearer {good}x", "X-API-Key": good},
        {"X-API-Key": ""},
        {"Cookie": f"trail_session={good}"},
        {"Cookie": f"key={good}"},
    ):
        answer = made.client().get("/v1/items/a", headers=headers)
        assert code(answer) == "unauthenticated", headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert code(made.client().get("/v1/items/a", params={"key": good, "api_key": good})) == "unauthenticated"
    client = signed_in(made)
    assert code(client.get("/v1/items/a", headers={"Authorization": "Bearer x"})) == "unauthenticated"


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/", "read"),
        ("GET", "/v1/items/a", "read"),
        ("POST", "/v1/items/a", "read"),
        ("GET", "/v1/none", "read"),
        ("GET", "/v1/projects/p/explanations/a", "explain"),
        ("GET", "/v1/projects/p/explanations", "explain"),
        ("POST", "/v1/projects/p/explanations/a", "explain"),
        ("GET", "/v1/projects/p/explanations/a?sealed", "read"),
        ("GET", "/metrics", "admin"),
        ("POST", "/metrics", "admin"),
        ("GET", "/metrics/all", "admin"),
    ],
)
def test_a_path_needs_its_scope(served, method, path, least):
    made = served()
    order = ["read", "explain", "admin"]
    for scope in order:
        answer = made.client(scope).request(method, path)
        if order.index(scope) < order.index(least):
            assert code(answer) == "scope_missing"
            assert least in answer.json()["error"]["fix"]
        else:
            assert answer.status_code in (200, 404)
    assert made.client().request(method, path).status_code == 401


def test_a_prefix_of_a_proxy_hides_no_path(served):
    made = served()
    client = made.client("read")
    client._transport.root_path = "/shop"
    for path in ("/shop/metrics/all", "/metrics", "/shop/metrics"):
        assert client.get(path).status_code == 403, path
    assert client.get("/shop/v1/items/a").status_code == 200
    sent = made.client("", **BROWSER)
    sent._transport.root_path = "/shop"
    assert sent.get("/shop/items/a").headers["location"] == "/shop/login?next=%2Fshop%2Fitems%2Fa"


def test_open_paths_need_no_key_and_nothing_else_is_open(served):
    made = served()
    client = made.client()
    for path in ("/health", "/ready", "/version", "/static/trail.css"):
        assert client.get(path).json()["scopes"] == []
        assert made.client("read").get(path).json()["scopes"] == ["read"], "who shows a key is known"
    assert client.get("/login").status_code == 200
    for path in ("/healthy", "/static", "/health/", "/login/", "/STATIC/x", "//health"):
        assert client.get(path).status_code == 401, path


def test_a_revoked_key_opens_nothing_any_more_and_its_sessions_end(served):
    made = served()
    client, program = signed_in(made), made.client("read")
    assert client.get("/v1/items/a").status_code == program.get("/v1/items/a").status_code == 200
    before = made.path.read_text()
    revoke(made.path, made.keys["read"].split("_")[1])
    assert code(client.get("/v1/items/a")) == code(program.get("/v1/items/a")) == "unauthenticated"
    assert made.client("explain").get("/v1/items/a").status_code == 200
    made.path.write_text(before)
    assert program.get("/v1/items/a").status_code == 200
    assert client.get("/v1/items/a").status_code == 401, "a session does not come back with its key"


def test_people_sign_in_and_out(served):
    made = served()
    client = made.client("", **BROWSER)
    sent = client.get("/items/a b?x=1&y=%2F")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=" + quote("/items/a%20b?x=1&y=%2F", safe="")
    assert client.get("/items/" + "a" * 3000).headers["location"] == "/login"
    form = client.get(sent.headers["location"])
    assert form.headers["referrer-policy"] == "same-origin"
    assert 'value="/items/a%20b?x=1&amp;y=%2F"' in form.text
    assert "<script" not in form.text
    assert "style=" not in form.text
    assert '<link rel="stylesheet" href="/static/trail.css">' in form.text

    data = {"key": f" {made.keys['read']}\n", "next": "/items/a%20b?x=1"}
    done = client.post("/login", data=data, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, "/items/a%20b?x=1")
    cookie = done.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200", "; Secure"):
        assert word in cookie
    assert made.keys["read"].split("_", 2)[2] not in cookie
    assert client.get("/items/a").json()["key"] == made.keys["read"].split("_")[1]

    out = client.post("/logout", headers=SAME)
    assert (out.headers["location"], "Max-Age=0" in out.headers["set-cookie"]) == ("/login", True)
    client.cookies.set("trail_session", cookie.partition("=")[2].partition(";")[0])
    assert client.get("/items/a").status_code == 303, "the session is over, not only the cookie"
    acts = [json.loads(line) for line in made.audit.read_text().splitlines()]
    assert [each["act"] for each in acts] == ["signed_in", "signed_out"]
    assert acts[0]["actor"] == f"key {made.keys['read'].split('_')[1]}"


def test_the_cookie_travels_without_tls_on_this_machine_alone(served):
    made = served()
    for base, secure in (
        ("http://localhost:8000", False),
        ("http://127.0.0.1", False),
        ("http://shop.example", True),
    ):
        client = made.client("", base)
        done = client.post("/login", data={"key": made.keys["read"]}, headers={"Origin": base})
        assert ("Secure" in done.headers["set-cookie"]) == secure


@pytest.mark.parametrize(
    ("base", "headers", "told"),
    [
        ("http://trail.example.org", {}, True),
        ("http://192.0.2.7:8765", {"X-Forwarded-Proto": "http"}, True),
        ("http://trail.example.org", {"X-Forwarded-Proto": "https"}, False),
        ("http://trail.example.org", {"X-Forwarded-Proto": "HTTPS, http"}, False),
        ("http://trail.example.org", {"Sec-Fetch-Site": "none"}, False),
        ("http://localhost:8765", {}, False),
        ("http://[::1]:8765", {}, False),
        (HERE, {}, False),
    ],
)
def test_the_form_says_where_a_browser_will_not_keep_the_sign_in(served, base, headers, told):
    made = served()
    client = made.client("", base, **headers)
    form, again = client.get("/login"), client.post("/login", data={"key": "x"})
    for page in (form, again):
        assert ('id="plain"' in page.text) == told
    secure = (
        "Secure"
        in client.post(
            "/login",
            data={"key": made.keys["read"]},
            headers={"Origin": base, "Sec-Fetch-Site": "same-origin"},
        ).headers["set-cookie"]
    )
    assert secure == ("[::1]" not in base and "localhost" not in base), "whatever a header says"


def test_a_wrong_key_gets_the_form_again(served):
    made = served()
    done = made.client().post(
        "/login", data={"key": "trail_x_'\"><script>", "next": '"><script>'}, headers=SAME
    )
    assert done.status_code == 401
    assert "unknown, revoked or expired" in done.text
    assert "<script" not in done.text
    assert "set-cookie" not in done.headers
    assert not made.audit.exists()
    for data in ({"next": "/"}, {"key": ""}):
        assert made.client().post("/login", data=data, headers=SAME).status_code == 401
    assert code(made.client().post("/login", json={"key": made.keys["read"]}, headers=SAME)) == "wrong_type"
    assert code(made.client().post("/login", data={"key": "x" * 5000}, headers=SAME)) == "body_too_large"
    assert code(made.client().put("/login")) == code(made.client().get("/logout")) == "method_not_allowed"


def test_no_other_site_signs_anybody_in(served):
    made = served()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = made.client().post("/login", data={"key": made.keys["read"]}, headers=headers)
        assert code(answer) == "cross_site"
        assert "set-cookie" not in answer.headers


def test_who_signs_in_again_leaves_no_session_behind(served):
    made = served()
    client = signed_in(made, "read")
    old = client.cookies["trail_session"]
    client.post("/login", data={"key": made.keys["admin"]}, headers=SAME)
    assert "admin" in client.get("/v1/items/a").json()["scopes"]
    client.cookies.clear()
    assert client.get("/v1/items/a", headers={"Cookie": f"trail_session={old}"}).status_code == 401


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "/\t/evil.example",
        "/\n/evil.example",
        "",
        "///evil.example",
        "/" + "a" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere(served, elsewhere):
    made = served()
    done = made.client().post("/login", data={"key": made.keys["read"], "next": elsewhere}, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    form = made.client().get("/login", params={"next": elsewhere})
    assert 'name="next" value="/"' in form.text


def test_programs_are_not_sent_to_a_form(served):
    made = served()
    browser, program = made.client("", **BROWSER), made.client("", Accept="application/json")
    assert browser.get("/v1/items/a").status_code == browser.get("/metrics").status_code == 401
    assert browser.post("/items/a").status_code == program.get("/items/a").status_code == 401
    assert browser.get("/items/a", headers={"X-API-Key": "wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        (SAME, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Origin": "http://trail.example.org"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://trail.example.org.evil.example"}, False),
        ({"Origin": "https://trail.example.org:444"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
def test_a_change_by_cookie_must_come_from_our_own_page(served, headers, passes):
    made = served()
    client = signed_in(made, "explain")
    answer = client.post("/v1/projects/p/explanations/a", headers=headers)
    assert (answer.status_code == 200) == passes
    out = client.post("/logout", headers=headers)
    assert (out.status_code == 303) == passes
    if not passes:
        assert code(answer) == code(out) == "cross_site"
        assert client.get("/v1/items/a").status_code == 200, (
            "reading needs no such header, and nobody was signed out"
        )
    assert made.client("explain").post("/v1/projects/p/explanations/a", headers=headers).status_code == 200


def test_too_many_requests_are_told_when_to_come_again(served):
    limits = LimitSettings(reads_per_minute=3, client_reads_per_minute=2)
    made = served(limits=limits)
    client = made.client("explain")
    assert [client.get("/v1/items/a").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.get("/v1/items/a")
    assert code(answer) == "too_many_requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    stranger = made.client()
    assert [stranger.get("/v1/items/a").status_code for _ in range(3)] == [401, 401, 429]
    assert stranger.post("/login", data={"key": "x"}).status_code == 429
    assert stranger.get("/version").status_code == 429
    for path in ("/health", "/ready"):
        assert stranger.get(path).status_code == 200, "who watches is never refused"
    assert stranger.get("/static/trail.css").status_code == 200, "behind a proxy all are one address"
    assert made.client("read").get("/v1/items/a").status_code == 200, "each key has its own"


def test_texts_that_are_written_have_a_limit_of_their_own(served, unlocked):
    limits = GuardSettings(limits=LimitSettings(explains_per_minute=1))
    opened = TestClient(guarded(unlocked.app, limits, None, None), "http://localhost")
    address = "/v1/projects/p/explanations/a"
    for client in (served(limits=limits.limits).client("explain"), opened):
        assert [client.get(f"{address}?sealed").status_code for _ in range(3)] == [200] * 3
        assert [client.get(address).status_code for _ in range(2)] == [200, 429]
        assert 1 <= int(client.get(address).headers["retry-after"]) <= 60
        assert client.get(f"{address}?sealed").status_code == client.get("/v1/items/a").status_code == 200


def test_without_keys_this_machine_counts_as_a_key(unlocked):
    limits = GuardSettings(limits=LimitSettings(reads_per_minute=3, client_reads_per_minute=1))
    client = TestClient(guarded(unlocked.app, limits, None, None), "http://localhost")
    assert [client.get("/items/a").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/v1/projects/p/items/explanations", "/v1/projects/explanations/items/a"])
def test_an_item_or_a_project_of_that_name_is_read(served, path):
    assert served().client("read").get(path).status_code == 200


def test_without_keys_this_machine_reads_and_explains(unlocked):
    for base in ("http://localhost", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        client = unlocked.client("", base)
        assert client.get("/v1/items/a").json()["scopes"] == ["explain", "read"]
        assert client.get("/v1/items/a").json()["key"] is None
        assert client.post("/v1/projects/p/explanations/a").status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.get("/login").headers["location"] == "/"
        assert client.post("/v1/items/a", headers={"Origin": base}).status_code == 200


def test_without_keys_no_other_name_and_no_other_site_asks(unlocked):
    for host in (
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.0.4",
        "[::2]",
        "",
    ):
        answer = unlocked.client("", "http://localhost").get("/v1/items/a", headers={"Host": host})
        assert code(answer) == "wrong_host", host
    client = unlocked.client("", "http://localhost")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert code(client.post("/v1/projects/p/explanations/a", headers=headers)) == "cross_site"


def test_without_keys_no_other_sites_page_has_texts_written(unlocked, served):
    client, path = unlocked.client("", "http://localhost"), "/v1/projects/p/explanations/a"
    for site in ("cross-site", "same-site"):
        assert code(client.get(path, headers={"Sec-Fetch-Site": site})) == "cross_site"
        assert client.get("/v1/items/a", headers={"Sec-Fetch-Site": site}).status_code == 200
    for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert client.get(path, headers=headers).status_code == 200
    with_key = served().client("explain", **{"Sec-Fetch-Site": "cross-site"})
    assert with_key.get(path).status_code == 200, "no page shows a key by accident"
    named = {"Origin": "http://localhost:5173", "Sec-Fetch-Site": "same-site"}
    asgi = guarded(unlocked.app, GuardSettings(allowed_origins=(named["Origin"],)), None, None)
    assert TestClient(asgi, "http://localhost:8000").get(path, headers=named).status_code == 200


def test_other_sites_pages_use_up_nobodys_texts(unlocked):
    limits = GuardSettings(limits=LimitSettings(explains_per_minute=1))
    client = TestClient(guarded(unlocked.app, limits, None, None), "http://localhost")
    path = "/v1/projects/p/explanations/a"
    for _ in range(3):
        assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get(path).status_code == 200


def test_without_keys_a_site_that_was_named_may_ask(unlocked):
    origin = "http://localhost:5173"
    asgi = guarded(unlocked.app, GuardSettings(allowed_origins=(origin,)), None, None)
    client = TestClient(asgi, "http://localhost:8000")
    assert client.post("/v1/items/a", headers={"Origin": origin}).status_code == 200
    assert code(client.post("/v1/items/a", headers={"Origin": origin + "4"})) == "cross_site"


TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["Authorization", "X-API-Key", "Cookie", "Origin", "Sec-Fetch-Site", "Host", "Accept"]
    ),
    start=st.sampled_from(
        ["", "Bearer ", "Bearer trail_", "trail_session=", "trail_0123abcd_", "https://", "["]
    ),
    value=TEXT,
    path=st.one_of(st.sampled_from(["login", "logout", "metrics", "static/x", ""]), TEXT),
    query=TEXT,
    method=st.sampled_from(["GET", "POST", "HEAD", "DELETE", "OPTIONS"]),
)
@example("Authorization", "Bearer trail_", "\xff_\xff", "v1/\xed\xa0\x80", "next=%ff", "GET")
def test_nothing_malformed_makes_the_service_fail(malformed, name, start, value, path, query, method):
    headers = [(name.encode(), (start + value).encode("latin-1")), (b"Accept", b"text/html")]
    content = value.encode() if method == "POST" else None
    url = f"/{quote(path, encoding='latin-1')}?{quote(query, encoding='latin-1', safe='&=')}"
    answer = malformed.request(method, url, headers=headers, content=content)
    assert answer.status_code < 500
    if answer.status_code not in (200, 303, 404, 405):
        assert (
            method == "HEAD"
            or "text/html" in answer.headers["content-type"]
            or answer.json()["error"]["code"]
        )


@pytest.fixture
def malformed(served):
    limits = LimitSettings(reads_per_minute=10**9, client_reads_per_minute=10**9, explains_per_minute=10**9)
    return served(limits=limits).client()
