"""The real path on every landing: a real log, the real weights, training, forecast, checked texts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_whole_job_on_a_real_log(shared_data, tmp_path):
    command = [
        sys.executable,
        "bench/real.py",
        str(shared_data),
        "--sets",
        "online_retail_ii",
        "--reduced",
        "--json",
    ]
    command += ["--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    methods = {line["forecaster"] for line in found["table"]}
    assert {"trail", "no_llm_head", "lightgbm", "decayed", "last_window"} <= methods
    assert found["verified"]
    assert found["explained"] == 10
    assert found["by the model"] >= 7
