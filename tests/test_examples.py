"""The examples of how a night is started, and the container's recipe: they name what is there, and parse."""

import ast
import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from trail.cli import app

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
CRON = EXAMPLES / "cron" / "trail"
UNITS = EXAMPLES / "systemd"
DAG = EXAMPLES / "airflow" / "trail_nightly.py"
SECRETS = "/etc/trail/shop.env"
RECIPE = ROOT / "Containerfile"


def check_command(words):
    """Takes `trail VERB DIR OPTION...` apart as the command line does."""
    words = list(words)
    assert Path(words[0]).name == "trail"
    verb = get_command(app).commands[words[1]]
    return verb.make_context(words[1], words[2:])


def of_cron():
    lines = [each for each in CRON.read_text().splitlines() if each and not each.startswith("#")]
    (line,) = [each for each in lines if "=" not in each.split()[0]]
    *when, user, command = line.split(maxsplit=6)
    return when, user, command.partition(" >> ")[0]


def of_airflow():
    tree = ast.parse(DAG.read_text(), str(DAG))
    compile(tree, str(DAG), "exec")
    named = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (made,) = [each for each in calls if getattr(each.func, "id", "") == "BashOperator"]
    (command,) = [each.value for each in made.keywords if each.arg == "bash_command"]
    return eval(compile(ast.Expression(command), "", "eval"), {}, named)


def test_the_cron_line_has_its_fields_and_a_command_that_parses():
    when, user, command = of_cron()
    assert when == ["0", "3", "*", "*", "*"]
    assert re.fullmatch(r"[a-z]+", user)
    assert "%" not in command  # a percent sign is a new line there
    words = shlex.split(command.rpartition("; ")[2])
    assert check_command(words).params["as_json"] is True


def test_the_units_start_the_command_at_a_time():
    service, timer = (configparser.ConfigParser(interpolation=None) for _ in range(2))
    for parser, name in ((service, "trail.service"), (timer, "trail.timer")):
        parser.optionxform = str
        parser.read(UNITS / name)
    assert timer["Timer"]["Unit"] == "trail.service"
    assert timer["Timer"]["OnCalendar"] == "*-*-* 03:00:00"
    assert service["Service"]["Type"] == "oneshot"
    words = shlex.split(service["Service"]["ExecStart"])
    assert check_command(words).params["folder"] == Path(service["Service"]["ReadWritePaths"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path):
    for path in UNITS.iterdir():
        text = path.read_text().replace("/opt/trail/bin/trail", "/bin/true").replace("trail\n", "root\n")
        (tmp_path / path.name).write_text(text)
    units = [str(tmp_path / path.name) for path in UNITS.iterdir()]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert [each for each in done.stderr.splitlines() if str(tmp_path) in each or "trail" in each] == []
    (tmp_path / "trail.timer").write_text((UNITS / "trail.timer").read_text().replace("03:00", "33:00"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert "33:00:00" in done.stderr  # the check can fail


def test_the_dag_calls_the_command_line_once():
    assert check_command(shlex.split(of_airflow().rpartition("; ")[2])).params["as_json"] is True


@pytest.mark.parametrize("command", [of_cron()[2], of_airflow()], ids=["cron", "airflow"])
def test_a_night_gets_the_secrets_of_their_file_and_runs_without_it(tmp_path, command):
    trail, secrets = tmp_path / "trail", tmp_path / "shop.env"
    trail.write_text('#!/bin/sh\nprintf "%s " "$1" "$TRAIL_WEBHOOK_SECRET" "$PGPASSWORD"\n')
    trail.chmod(0o755)
    command = command.replace(SECRETS, str(secrets)).replace("/opt/trail/bin/trail", "trail")

    def said():
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(
            ["/bin/sh", "-c", command], check=True, capture_output=True, text=True, env=path
        )
        return done.stdout.split()

    assert said() == ["run"]
    text = (EXAMPLES / "shop.env").read_text()
    secrets.write_text(text.replace("SECRET=\n", "SECRET=one\n").replace("PASSWORD=\n", "PASSWORD=two\n"))
    assert said() == ["run", "one", "two"]


def test_systemd_reads_the_same_file_and_no_example_holds_a_secret():
    assert f"\nEnvironmentFile=-{SECRETS}\n" in (UNITS / "trail.service").read_text()
    for path in (each for each in EXAMPLES.rglob("*") if each.is_file()):
        assert not re.search(r"(TRAIL_WEBHOOK_SECRET|PGPASSWORD)\W{0,3}[=:][ \t]*\S", path.read_text()), path


def steps():
    text = re.sub(r"\\\n", " ", RECIPE.read_text())
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_what_the_container_copies_is_there_and_is_let_in():
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    stages = {words.split()[-1] for verb, words in steps() if verb == "FROM" and " AS " in words}
    copied = [words.split() for verb, words in steps() if verb == "COPY"]
    assert len(copied) == 2
    mounted = re.findall(r"from=(\w+)", " ".join(words for verb, words in steps() if verb == "RUN"))
    assert mounted
    assert set(mounted) <= stages
    for *sources, _ in copied:
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source in let_in


def test_the_container_installs_wheels_without_a_network_and_runs_as_nobody_special():
    last = [verb for verb, _ in steps()].index("FROM", [verb for verb, _ in steps()].index("FROM") + 1)
    final = steps()[last:]
    installs = [
        part for verb, words in final if verb == "RUN" for part in re.findall(r"pip install[^&|]*", words)
    ]
    assert installs
    assert all("--no-index" in each for each in installs)
    users = [words for verb, words in final if verb == "USER"]
    assert users == ["trail"]
    assert (["ENTRYPOINT", '["trail"]']) in final
    assert not [
        words
        for verb, words in steps()
        if verb in ("ENV", "ARG") and re.search("KEY|TOKEN|PASS|SECRET", words)
    ]


def test_extras_and_weights_of_the_container_are_those_of_the_project():
    import tomllib  # noqa: PLC0415 - one use

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    args = dict(words.split("=", 1) for verb, words in steps() if verb == "ARG")
    assert set(args["EXTRAS"].split(",")) <= set(project["optional-dependencies"])
    assert args["WEIGHTS"] in (ROOT / "Makefile").read_text()
    wheel = [words for verb, words in steps() if verb == "RUN"][-1]
    assert f'"{project["name"]}[' in wheel
