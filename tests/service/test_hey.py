"""What the bench reads of another client's summary."""

from __future__ import annotations

from bench.service_hey import read

SAID = """
Summary:
  Total:	2.0007 secs
  Slowest:	0.1260 secs
  Fastest:	0.0008 secs
  Requests/sec:	197.4

Latency distribution:
  10%% in 0.0011 secs
  50%% in 0.0019 secs
  99%% in 0.0300 secs

Status code distribution:
  [200]	395 responses
"""


def test_percentiles_answers_and_failures_are_read():
    found = read(SAID)
    assert (found.percentiles, found.slowest) == ({10: 0.0011, 50: 0.0019, 99: 0.03}, 0.126)
    assert str(found).startswith("hey: 395 x 200; median 1.9 ms, p99 30.0 ms, most 126.0 ms")
    assert found.holds
    assert not read(SAID.replace("[200]", "[503]")).holds
    assert not read(f"{SAID}\nError distribution:\n  [3]	Get x: connection refused").holds
    assert not read("").holds
