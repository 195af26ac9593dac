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
        assert (said["found"], said["expected"], said["fix"]) == ("wrong /srv/shop/x", "right", "mend it")
        assert not caplog.records
