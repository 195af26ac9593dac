"""The service: forecasts over HTTP for programs and as pages for people, from snapshots that are swapped whole."""

from trail.service.app import create_app
from trail.service.settings import ServiceSettings, named

__all__ = ["ServiceSettings", "create_app", "named"]
