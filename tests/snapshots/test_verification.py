"""What was altered is found: by hashes, and under fresh hashes by what the snapshot says."""

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.snapshots.making import SEED, SHOWN, K, contents, edit, rehash, sealed
from trail.baselines import Forecast, p_top
from trail.errors import DataError
from trail.snapshots import FILES, seal, verify_snapshot

FORECAST, CARDS, TEXTS = FILES


@pytest.fixture
def folder(tmp_path):
    return sealed(tmp_path / "s").folder


def words(report):
    return " / ".join(f"{each.where}: {each.what}" for each in report.problems)


def test_an_untouched_snapshot_holds(folder):
    report = verify_snapshot(folder)
    assert report.problems == ()
    assert report.holds
    assert (report.items, report.texts) == (120, SHOWN)
    assert report.claims >= 3 * SHOWN
    assert verify_snapshot(folder, seal=report.seal[:12]).holds


@pytest.mark.parametrize("name", FILES)
def test_any_changed_byte_is_found(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    assert f"{name}: the file was altered" in words(verify_snapshot(folder))


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_found(folder, name):
    (folder / name).unlink()
    assert f"{name}: the file is missing" in words(verify_snapshot(folder))


def test_a_changed_manifest_is_found(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"data": "d1"', '"data": "d2"'))
    assert "seal does not fit" in words(verify_snapshot(folder))


@pytest.mark.parametrize(
    ("told", "said"), [(b"0.9", "chance of the top"), (b"much", "trail.shared = b'much'")]
)
def test_an_altered_shared_miss_is_found_under_fresh_hashes(folder, told, said):
    table = pq.read_table(folder / FORECAST)
    assert float(table.schema.metadata[b"trail.shared"]) > 0
    altered = table.schema.metadata | {b"trail.shared": told}
    pq.write_table(table.replace_schema_metadata(altered), folder / FORECAST)
    rehash(folder)
    assert said in words(verify_snapshot(folder))


def test_a_forecast_sealed_before_shared_misses_holds(folder):
    table = pq.read_table(folder / FORECAST)
    columns = {name: table[name].to_numpy() for name in ("score", "expected", "q10", "q50", "q90")}
    names = np.array(table["forecaster"].to_pylist(), dtype=object)
    order = np.argsort(np.array(table["item_id"].to_pylist()))
    forecast = Forecast(**columns, forecaster=names).take(order)
    chances = np.empty(len(order))
    chances[order] = p_top(forecast, K, seed=SEED)
    at = table.schema.get_field_index("p_top")
    old = table.set_column(at, table.schema.field(at), pa.array(chances)).replace_schema_metadata(None)
    pq.write_table(old, folder / FORECAST)
    rehash(folder)
    assert "chance of the top" not in words(verify_snapshot(folder))


def test_a_number_changed_in_a_text_is_found_under_fresh_hashes(folder):
    def change(rows):
        number = re.search(r"\d+", rows[1]["text"])
        rows[1]["text"] = (
            rows[1]["text"][: number.start()]
            + str(int(number.group()) + 37)
            + rows[1]["text"][number.end() :]
        )

    edit(folder, TEXTS, change)
    found = words(verify_snapshot(folder))
    assert "sha" not in found.lower()
    assert "contradicted" in found


def test_a_sentence_added_to_a_text_is_found_under_fresh_hashes(folder):
    edit(
        folder,
        TEXTS,
        lambda rows: rows[0].update(text=rows[0]["text"] + " A celebrity praised it on television."),
    )
    assert "unverifiable" in words(verify_snapshot(folder))


@pytest.mark.parametrize(("key", "value"), [("actual", 999.0), ("stated", 999.0), ("verdict", "context")])
def test_a_claim_changed_beside_a_true_text_is_found(folder, key, value):
    def change(rows):
        next(each for each in rows[0]["claims"] if each["signal"] == "expected").update({key: value})

    edit(folder, TEXTS, change)
    assert "not those it makes" in words(verify_snapshot(folder))


def test_reasons_that_had_the_other_side_are_found_under_fresh_hashes(folder):
    def turn(rows):
        for row in rows:
            for driver in row["drivers"]:
                driver["effect"] = -driver["effect"]

    edit(folder, TEXTS, turn)
    assert "given a side that its driver did not have" in words(verify_snapshot(folder))


def test_a_text_taken_away_is_found(folder):
    edit(folder, TEXTS, lambda rows: rows.pop())
    assert f"{SHOWN - 1} texts, {SHOWN} sealed" in words(verify_snapshot(folder))


def test_a_signal_changed_on_a_card_is_found_where_a_text_states_it(folder):
    def change(rows):
        for row in rows:
            row["count_1"] = row["count_1"] * 3 + 50
            row["change"] = -row["change"] - 2

    edit(folder, CARDS, change)
    assert not verify_snapshot(folder).holds


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expected": 4000.0}, "contradicted"),
        ({"rank": 7}, "rank is not the score's"),
        ({"score": -1.0}, "rank is not the score's"),
        ({"q10": 5000.0}, "out of order"),
        ({"expected": float("nan")}, "not finite"),
        ({"p_top": 1.5}, "between 0 and 1"),
        ({"p_top": 0.2}, "not the one that the quantiles give"),
        ({"q50": 0.0, "q10": 0.0}, "not the one that the quantiles give"),
    ],
)
def test_a_number_changed_in_the_forecast_is_found_under_fresh_hashes(folder, changes, expected):
    edit(folder, FORECAST, lambda rows: rows[0].update(changes))
    assert expected in words(verify_snapshot(folder))


def test_a_card_that_is_gone_is_found(folder):
    edit(folder, CARDS, lambda rows: rows.pop(0))
    assert "about nothing" in words(verify_snapshot(folder))


def test_another_period_is_found(folder):
    rehash(folder, cutoff="2030-01-01T00:00:00+00:00")
    assert "another period" in words(verify_snapshot(folder))


def test_only_the_noted_seal_finds_a_wholesale_replacement(folder, tmp_path):
    noted = verify_snapshot(folder).seal
    manifest, table, cards, texts = contents()
    seal(tmp_path / "other", replace(manifest, data="forged"), table, cards, texts)
    assert verify_snapshot(tmp_path / "other").holds
    assert "replaced" in words(verify_snapshot(tmp_path / "other", seal=noted))


def test_a_folder_without_a_manifest_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"no manifest\.json"):
        verify_snapshot(tmp_path)
