"""Refusals: one shape, a status for each code, and nothing of this machine in what the engine says."""

import json
import logging

import pytest

from trail.errors import ConfigError, DataError, EngineError, ModelError, TrailError
from trail.service.problems import Problem, error_response, problem_response


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
    ("kind", "missing", "status", "code"),
    [
        (ConfigError, False, 400, "bad_request"),
        (ConfigError, True, 404, "not_found"),
        (DataError, False, 422, "invalid"),
        (DataError, True, 404, "not_found"),
        (EngineError, False, 503, "engine_failed"),
        (ModelError, True, 503, "model_failed"),
        (TrailError, False, 500, "internal"),
    ],
)
def test_errors_of_the_project_become_refusals(kind, missing, status, code, caplog):
    error = kind("wrong /srv/shop/x", expected="right", where="/srv/shop", fix="mend it")
    with caplog.at_level(logging.ERROR):
        found, said = read(error_response(error, missing=missing))
    assert (found, said["code"]) == (status, code)
    if status < 500:
        assert (said["found"], said["expected"], said["fix"]) == ("wrong /srv/shop/x", "right", "mend it")
        assert not caplog.records
    else:
        assert "/srv" not in json.dumps(said)
        assert "/srv/shop/x" in caplog.text
