"""Requests as spans, by OpenTelemetry's own exporter in memory."""

from __future__ import annotations

import sys

import pytest
from starlette.testclient import TestClient

from trail.errors import ConfigError
from trail.service import ServiceSettings, create_app
from trail.service.traces import trace

KEY = "trail_0123abcd_" + "secretsecret" * 3


def test_requests_become_spans_named_by_their_route(shop):
    api = pytest.importorskip("opentelemetry.trace")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip(
        "opentelemetry.sdk.trace.export.in_memory_span_exporter"
    ).InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(memory))
    api.set_tracer_provider(provider)
    with TestClient(create_app(ServiceSettings(projects={"shop": shop}, traces=True))) as client:
        assert client.get("/v1/projects/shop/items/item-079").status_code == 200
        for path in ("/health", "/ready", "/metrics", "/health?a=b"):
            assert client.get(path).status_code == 200
        client.get("/p/shop/health.json")
        client.get("/v1/projects/shop/explanations/already")
        client.get("/v1/projects/shop/hits?search=/health")
        client.get(f"/v1/projects/{KEY}/hits?search={KEY}")
    told = [str(value) for span in memory.get_finished_spans() for value in span.attributes.values()]
    assert not any("secretsecret" in each or "search=" in each for each in told)
    assert any("trail_0123abcd_***" in each for each in told)
    routes = {span.attributes.get("http.route") for span in memory.get_finished_spans()} - {None}
    assert routes == {
        "/v1/projects/{project}/items/{item_id:path}",
        "/p/{project}/health.json",
        "/v1/projects/{project}/explanations/{item_id:path}",
        "/v1/projects/{project}/hits",
    }


def test_without_its_packages_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.fastapi", None)
    with pytest.raises(ConfigError, match="not installed"):
        trace(None)
