"""What `/openapi.json` says beside the routes: how a key is shown, and where none is needed."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from trail.service.rules import is_open

_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of `trail keys create`, in `Authorization: Bearer`.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same in a header of its own.",
    },
}


class Described(FastAPI):
    """An application that describes the keys too which its guard asks for."""

    def openapi(self) -> dict[str, Any]:
        """Returns the description. Either way of showing a key will do, and a service without keys needs none."""
        if self.openapi_schema is not None:  # routes ask for it at every request that has parameters
            return self.openapi_schema
        found = super().openapi()
        found["components"]["securitySchemes"] = _SCHEMES
        found["security"] = [*({name: []} for name in _SCHEMES), {}]
        for path, operations in found["paths"].items():
            if is_open(path):
                for each in operations.values():
                    each["security"] = []
        return found
