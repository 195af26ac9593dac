"""Refusals: one shape, a status for each code, and nothing of this machine in what the engine says."""

import json
import logging

import pytest

from trail.errors import ConfigError, DataError, EngineError, MissingError, ModelError, TrailError
from trail.service.problems import (
    FullError,
    LateError,
    NotReadyError,
    Problem,
    error_response,
    problem_response,
    without_folders,
)


def read(answer):
    return answer.status_code, json.loads(answer.body)["error"]


def test_every_code_has_a_status():
    for each in Problem:
        assert 400 <= each.status < 600
        assert each.value == each.name.lower()


def test_a_refusal_says_what_was_found_and_expected_and_what_to_do():
    answer = problem_response(
        Problem.CONFLICT, "one \udcff", expected="two", fix="three", headers={"X-A": "b"}
    )
    assert read(answer) == (
        409,
        {"code": "conflict", "found": "one \udcff", "expected": "two", "fix": "three"},
    )
    assert answer.headers["x-a"] == "b"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (ConfigError, 400, "bad_request"),
        (DataError, 422, "invalid"),
        (MissingError, 404, "not_found"),
        (NotReadyError, 503, "not_ready"),
        (FullError, 503, "busy"),
        (LateError, 504, "timed_out"),
        (EngineError, 503, "engine_failed"),
        (ModelError, 503, "model_failed"),
        (TrailError, 500, "internal"),
    ],
)
def test_errors_of_the_project_become_refusals(kind, status, code, caplog):
    error = kind("wrong /srv/shop/x", expected="right", where="/srv/shop", fix="mend it")
    with caplog.at_level(logging.ERROR):
        found, said = read(error_response(error))
    assert (found, said["code"]) == (status, code)
    if code in ("engine_failed", "model_failed", "internal"):
        assert "/srv" not in json.dumps(said)
        assert "/srv/shop/x" in caplog.text
    else:
        assert (said["found"], said["expected"], said["fix"]) == ("wrong x", "right", "mend it")
        assert not caplog.records


def test_what_the_log_says_of_an_error_is_one_line_without_keys(caplog):
    key = "trail_0123abcd_secretsecretsecret"
    with caplog.at_level(logging.ERROR):
        error_response(EngineError(f"forged\n2026-01-01 ERROR no row {key}\x1b[2J"))
    (line,) = caplog.messages
    assert line.isprintable()
    assert "trail_0123abcd_***" in line


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no manifest.json in /srv/shop/snapshots/2026-03-02", "no manifest.json in 2026-03-02"),
        ("'/srv/shop/x' and \"/srv/shop/y\"; /srv//z, /srv/a", "'x' and \"y\"; z, a"),
        ("/srv/shop/", ""),
        ("file:/srv/shop", "file:/srv/shop"),
        ("no /home/me/my shop/events of may.csv", "no events of may.csv"),
        ("(/srv/shop/x)", "(x)"),
        ("what /openapi.json says", "what /openapi.json says"),
        ("reports/lists-1/rows.parquet", "reports/lists-1/rows.parquet"),
        ("https://trail.example.org/p/shop", "https://trail.example.org/p/shop"),
        ("1/2/3 and a / b / c", "1/2/3 and a / b / c"),
    ],
)
def test_no_folder_of_this_machine_is_told(said, told):
    assert without_folders(said) == told
