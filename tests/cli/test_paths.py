"""Folders with odd names, and links: where a thing lies is told and found as it is."""

from io import StringIO

import pytest
from rich.console import Console

from tests.cli.conftest import run
from trail.cli.show import table
from trail.project import load_project

LOG = "item_id,timestamp,user_id\n" + "".join(f"a,2024-01-{day:02},u{day}\n" for day in range(1, 29))


@pytest.mark.parametrize("name", ["um[bold]", "d[", "a[red]b", ":bug:"])
def test_a_folder_is_told_by_its_name(tmp_path, name):
    (tmp_path / "log.csv").write_text(LOG)
    folder = tmp_path / name
    done = run("init", folder, "--events", tmp_path / "log.csv")
    assert done.code == 0
    assert f"written: {folder}/trail.toml" in done.out
    shown = Console(file=StringIO(), width=80)
    shown.print(table(name, ("a wide column",), ((name,),)))
    assert shown.file.getvalue().count(name) == 2


def test_a_closing_tag_in_a_folder_is_no_markup(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    folder = tmp_path / "d[" / "red]"
    done = run("init", folder, "--events", tmp_path / "log.csv")
    assert done.code == 0
    assert f"written: {folder}/trail.toml" in done.out


def test_a_project_behind_a_link_finds_its_log(tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "shop").symlink_to(tmp_path / "far" / "away")
    assert run("init", tmp_path / "shop", "--events", tmp_path / "log.csv").code == 0
    (source,) = load_project(tmp_path / "shop").events
    assert source.location == "../../log.csv"
    assert (tmp_path / "shop" / source.location).read_text() == LOG


def test_a_country_that_is_none_makes_no_project(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    done = run("init", tmp_path / "shop", "--events", tmp_path / "log.csv", "--country", "XX")
    assert done.code == 2
    assert "the country 'XX'" in done.err
    assert not (tmp_path / "shop").exists()
