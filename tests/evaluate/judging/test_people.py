"""Answers of people: kept if they are answers to this sheet, else one clear error."""

import json

import pytest

from trail.errors import DataError
from trail.evaluate.judging import Comparison, Sheet, keep_answers, kept_answers, of_person, read_answers

SHEET = Sheet("s", "seal", 0, tuple(Comparison(n, "i", (), "x", "y", "a", "b") for n in (1, 2)))
GOOD = {
    "sheet": SHEET.id,
    "judge": " Ada ",
    "answers": {"1": {"faithful": "first", "useful": "tie"}, "2": {}},
}


def written(tmp_path, value):
    path = tmp_path / "answers.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_good_answers_are_read_kept_and_become_votes(tmp_path):
    found = read_answers(written(tmp_path, GOOD), SHEET)
    assert (found.judge, found.count) == ("Ada", 2)
    assert [(v.judge, v.comparison, v.question, v.choice) for v in of_person(found)] == [
        ("Ada", 1, "faithful", "first"),
        ("Ada", 1, "useful", "tie"),
    ]
    keep_answers([found], tmp_path)
    keep_answers([found], tmp_path)
    assert kept_answers(tmp_path, SHEET) == [found]


def test_names_that_look_alike_in_a_file_system_are_different_judges(tmp_path):
    names = ["../ada", "Ada/", "ada", "Ада", "a" * 60]
    for name in names:
        keep_answers([read_answers(written(tmp_path, {**GOOD, "judge": name}), SHEET)], tmp_path)
    assert sorted(each.judge for each in kept_answers(tmp_path, SHEET)) == sorted(names)
    assert len(list((tmp_path / "people").iterdir())) == len(names)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ([], "no answers to a sheet"),
        ({**GOOD, "more": 1}, "no answers to a sheet"),
        ({**GOOD, "sheet": "another"}, "answers to the sheet 'another'"),
        ({**GOOD, "sheet": None}, "answers to the sheet None"),
        ({**GOOD, "judge": " "}, "the judge ' '"),
        ({**GOOD, "judge": 7}, "the judge 7"),
        ({**GOOD, "judge": "a" * 61}, "at most 60"),
        ({**GOOD, "answers": []}, "no answer at all"),
        ({**GOOD, "answers": {"1": {}}}, "no answer at all"),
        ({**GOOD, "answers": {"3": {"useful": "tie"}}}, "comparison '3'.*from 1 to 2"),
        ({**GOOD, "answers": {"1": {"better": "tie"}}}, "'better'"),
        ({**GOOD, "answers": {"1": ["useful"]}}, "'useful'"),
        ({**GOOD, "answers": {"1": {"useful": "trail"}}}, "the answer 'trail' of comparison 1"),
        ({**GOOD, "answers": {"1": {"useful": ["tie"]}}}, "of comparison 1"),
    ],
)
def test_bad_answers_get_one_clear_error(tmp_path, value, words):
    with pytest.raises(DataError, match=words) as error:
        read_answers(written(tmp_path, value), SHEET)
    assert error.value.where.endswith("answers.json")
