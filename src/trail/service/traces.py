"""Requests traced by OpenTelemetry where somebody wants that; exporters are set up by OpenTelemetry's own variables."""

from __future__ import annotations

from fastapi import FastAPI

from trail import __version__
from trail.errors import ConfigError

#: Addresses that only say that the server lives; searched for in the whole address that is asked for.
_UNTRACED = r"^\w+://[^/?#]*/(?:health|ready|metrics)(?:[?#]|$)"


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
    FastAPIInstrumentor.instrument_app(app, excluded_urls=_UNTRACED)
