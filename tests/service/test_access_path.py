"""The access log says what was asked for, also of what is mounted under a folder."""

from __future__ import annotations

import json
import logging

from starlette.testclient import TestClient

from trail.service import ServiceSettings, create_app
from trail.service.guard import GuardSettings, guarded


def test_the_path_of_a_static_file_is_logged_whole(shop, caplog):
    app = guarded(create_app(ServiceSettings(projects={"shop": shop})), GuardSettings(), None, None)
    with caplog.at_level(logging.INFO, "trail.access"), TestClient(app, "http://localhost") as client:
        assert client.get("/static/trail.css").status_code == 200
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "trail.access"]
    assert [line["path"] for line in lines] == ["/static/trail.css"]
