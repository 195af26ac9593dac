"""Requests traced by OpenTelemetry where somebody wants that; exporters are set up by OpenTelemetry's own variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from trail import __version__
from trail.errors import ConfigError
from trail.service.keys import redacted
from trail.service.lines import one_line

#: Addresses that only say that the server lives; searched for in the whole address that is asked for.
_UNTRACED = r"^\w+://[^/?#]*/(?:health|ready|metrics)(?:[?#]|$)"
#: Attribute of a span that holds an address -> what stands in it instead, by old names and new ones.
_ADDRESSES = {
    "http.url": "{path}",
    "http.target": "{path}",
    "url.full": "{path}",
    "url.path": "{path}",
    "url.query": "",
}


def trace(app: FastAPI) -> None:
    """Has an application's requests traced, and sent by OTLP to where `OTEL_EXPORTER_OTLP_ENDPOINT` says.

    A tracer that is set up already, by `opentelemetry-instrument` or by a test, is used as it is.

    Raises:
        ConfigError: If the packages are not installed.
    """
    try:
        from opentelemetry import trace as api  # noqa: PLC0415 - an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"the package {error.name} is not installed",
            where="--traces",
            fix="pip install 'trail-forecast[traces]'",
        ) from error
    if not isinstance(api.get_tracer_provider(), TracerProvider):
        provider = TracerProvider(
            resource=Resource.create({"service.name": "trail", "service.version": __version__})
        )
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        api.set_tracer_provider(provider)
    FastAPIInstrumentor.instrument_app(app, excluded_urls=_UNTRACED, server_request_hook=_unnamed)


def _unnamed(span: Any, scope: Mapping[str, Any]) -> None:
    """Leaves of an address what no key can hide in: its route names the span, a query is nobody else's business."""
    path = redacted(one_line(str(scope.get("path", ""))))
    for name, value in _ADDRESSES.items():
        if name in (getattr(span, "attributes", None) or {}):
            span.set_attribute(name, value.format(path=path))
