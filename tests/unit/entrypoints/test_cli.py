"""The command line: what each command does, says and answers, without a server."""

import json
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from multiproduct.entrypoints.cli import settings_table
from multiproduct.entrypoints.cli.main import app
from multiproduct.entrypoints.cli.people import DEMO_PEOPLE
from multiproduct.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = [
    "serve", "worker", "scheduler", "migrate", "purge", "todos", "create-admin", "import-users", "seed-demo",
    "check-config",
    "version",
]  # fmt: skip
GOOD_PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def logging_is_left_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, "multiproduct.security")]
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for row in settings_table.rows():
        for name in (row.variable, row.file_variable, *row.aliases):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


def migrated() -> None:
    assert run("migrate").exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert re.search(rf"Examples?: multiproduct {command}", answer.stdout)


def test_help_names_every_command_and_loads_neither_the_database_nor_pydantic() -> None:
    script = (
        "import sys\nfrom multiproduct.entrypoints.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'pydantic', 'dramatiq', 'starlette', 'babel'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
    assert all(command in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("asked", ["version", "--version"])
def test_version_names_the_package(asked: str) -> None:
    answer = run(asked)
    assert answer.exit_code == 0
    assert re.fullmatch(r"multiproduct 0\S+, Python 3\S+\n", answer.stdout)


def test_the_package_run_as_a_module_is_the_command() -> None:
    command = [sys.executable, "-m", "multiproduct", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"multiproduct 0\S+, Python 3\S+\n", done.stdout)


@pytest.mark.parametrize("missing", ["typer", "granian"])
def test_a_package_that_is_missing_is_told_of_in_one_line(missing: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{missing!r}] = None\n")
    paths = filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))
    done = subprocess.run(
        [sys.executable, "-m", "multiproduct", "serve"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MULTIPRODUCT_DATABASE_URL": "memory://"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    told = done.stderr.splitlines()[-1]
    assert told == f"This needs the package {missing}: pip install 'multiproduct[server]'"
    assert "Traceback" not in done.stderr


def test_check_config_shows_every_setting_with_its_meaning() -> None:
    answer = run("check-config")
    assert answer.exit_code == 0
    shown = " ".join(answer.stdout.split())
    for row in settings_table.rows():
        assert row.variable in shown


def test_check_config_masks_secrets_and_passwords_in_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "the-very-secret-key")
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", "postgresql://joe:hunter2@db.example/shop")
    monkeypatch.setenv("MULTIPRODUCT_REDIS_URL", "redis://:hunter3@cache.example/0")
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://mailer:hunter4@mail.example:587")
    output = run("check-config").output
    assert "very-secret" not in output
    assert "hunter" not in output
    assert "joe:********@db.example" in output


def test_settings_that_make_no_sense_end_with_code_2_and_a_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MULTIPRODUCT_OTP_DIGITS", "3")
    for command in ("check-config", "migrate", "todos", "serve", "worker", "scheduler", "seed-demo"):
        answer = run(command)
        assert answer.exit_code == 2
        assert answer.stderr == "multiproduct: MULTIPRODUCT_OTP_DIGITS: choose 6 to 10 digits\n"


def test_all_that_is_wrong_is_told_at_once_and_without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_BROKER_URL", "kafka://joe:hunter2@queue.example")
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://joe:hunter2@")
    monkeypatch.setenv("MULTIPRODUCT_LOG_LEVEL", "LOUD")
    answer = run("serve")
    assert answer.exit_code == 2
    assert [line.split(": ")[1] for line in answer.stderr.splitlines()] == [
        "MULTIPRODUCT_BROKER_URL", "MULTIPRODUCT_SMTP_URL", "MULTIPRODUCT_LOG_LEVEL",
    ]  # fmt: skip
    assert "hunter2" not in answer.output


def test_check_config_warns_of_variables_that_are_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("check-config").stderr == ""
    monkeypatch.setenv("MULTIPRODUCT_DATABSE_URL", "memory://")
    answer = run("check-config")
    assert answer.exit_code == 0
    assert answer.stderr == (
        "multiproduct: warning: MULTIPRODUCT_DATABSE_URL is not a setting and has no effect; "
        "did you mean MULTIPRODUCT_DATABASE_URL?\n"
    )


@pytest.mark.parametrize("command", ["worker", "scheduler"])
def test_a_process_warns_of_variables_that_are_no_setting(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("MULTIPRODUCT_DATABSE_URL", "memory://")
    monkeypatch.setenv("MULTIPRODUCT_LOG_FORMAT", "json")
    answer = run(command)
    assert json.loads(answer.stderr.splitlines()[0])["event"].endswith(
        "did you mean MULTIPRODUCT_DATABASE_URL?"
    )


def test_check_config_warns_of_what_production_hardly_ever_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_ENVIRONMENT", "production")
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://127.0.0.1:2525")
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "normal")
    answer = run("check-config")
    assert answer.exit_code == 0
    assert [line.split()[2] for line in answer.stderr.splitlines()] == [
        "MULTIPRODUCT_BASE_URL", "MULTIPRODUCT_TRUSTED_PROXIES",
    ]  # fmt: skip
    monkeypatch.setenv("MULTIPRODUCT_BASE_URL", "https://shop.example")
    monkeypatch.setenv("MULTIPRODUCT_TRUSTED_PROXIES", "1")
    assert run("check-config").stderr == ""


def test_a_security_log_that_cannot_be_written_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    migrated()
    monkeypatch.setenv("MULTIPRODUCT_SECURITY_LOG", str(tmp_path / "nowhere" / "security.log"))
    for command in ("serve", "worker", "scheduler"):
        answer = run(command)
        assert answer.exit_code == 2
        assert answer.stderr == (
            "multiproduct: MULTIPRODUCT_SECURITY_LOG: cannot be written: No such file or directory\n"
        )


def test_every_reason_for_which_production_refuses_to_start_has_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MULTIPRODUCT_ENVIRONMENT", "production")
    answer = run("check-config")
    assert answer.exit_code == 2
    assert "MULTIPRODUCT_SECRET_KEY" in answer.stderr
    assert "MULTIPRODUCT_SMTP_URL" in answer.stderr
    assert len(answer.stderr.splitlines()) >= 2


def test_a_value_that_is_wrong_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_POOL_SIZE", "hunter2")
    answer = run("check-config")
    assert answer.exit_code == 2
    assert "hunter2" not in answer.output


def test_a_database_that_no_adapter_is_for_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", "oracle://host/name")
    assert [run("migrate").exit_code, run("todos").exit_code] == [2, 2]


def test_a_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "brand").write_text("Pym\n")
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME_FILE", str(tmp_path / "brand"))
    assert "Pym" in run("check-config").output
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME_FILE", str(tmp_path / "nothing"))
    assert run("check-config").exit_code == 2


@pytest.mark.parametrize("command", ["serve", "worker", "scheduler", "todos", "purge", "seed-demo"])
def test_a_database_without_tables_is_told_how_to_get_them(command: str) -> None:
    answer = run(command)
    assert answer.exit_code == 1
    assert "run `multiproduct migrate`" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_database_that_is_down_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{port}/none")
    for command in ("migrate", "todos", "worker"):
        answer = run(command)
        assert (answer.exit_code, answer.stderr) == (1, "multiproduct: the database cannot be reached\n")
    assert run("check-config", "--connect").exit_code == 1


def test_check_config_reaches_the_database_on_demand() -> None:
    assert run("check-config", "--connect").exit_code == 1
    migrated()
    answer = run("check-config", "--connect")
    assert answer.exit_code == 0
    assert "database: ok" in answer.stdout
    assert "migrations: ok" in answer.stdout


def test_serve_refuses_a_port_that_answers() -> None:
    migrated()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("serve", "--port", str(port))
    assert answer.exit_code == 1
    assert str(port) in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stdout == ""


def test_serve_says_where_once_the_port_is_known_to_be_free(monkeypatch: pytest.MonkeyPatch) -> None:
    migrated()
    served: list[int] = []
    monkeypatch.setattr(
        "multiproduct.entrypoints.http.serving.serve", lambda *, host, port, workers: served.append(port)
    )
    monkeypatch.setenv("MULTIPRODUCT_BASE_URL", "http://127.0.0.1")  # or serve would leave its own behind
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    answer = run("serve", "--host", "0.0.0.0", "--port", str(port))
    assert answer.stdout == f"serving on http://127.0.0.1:{port} (Ctrl-C ends it)\n"
    assert served == [port]


def test_serve_refuses_several_workers_over_a_database_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", "memory://")
    assert run("serve", "--workers", "2").exit_code == 2


def test_migrating_twice_is_harmless() -> None:
    migrated()
    migrated()


def test_an_administrator_is_made_with_a_password_from_standard_input() -> None:
    migrated()
    made = run(
        "create-admin", "--email", "a@b.example", "--username", "a.b", "--password-stdin", given=GOOD_PASSWORD
    )
    assert (made.exit_code, made.stdout) == (0, "a.b is an administrator now.\n")


def test_an_administrator_is_made_with_a_password_that_is_asked_for_and_not_shown() -> None:
    migrated()
    made = run("create-admin", "--email", "a@b.example", "--username", "a.b", given=f"{GOOD_PASSWORD}\n" * 2)
    assert made.exit_code == 0
    assert GOOD_PASSWORD not in made.output


def test_a_password_is_never_an_argument() -> None:
    answer = run("create-admin", "--email", "a@b.example", "--username", "a.b", "--password", GOOD_PASSWORD)
    assert answer.exit_code == 2
    assert "--password-stdin" in run("create-admin", "--help").stdout


@pytest.mark.parametrize(
    ("email", "username", "password", "said"),
    [
        ("a@b.example", "a.b", "short", "password: Use at least 8 characters"),
        ("a@b.example", "admin", GOOD_PASSWORD, "username: This username is reserved."),
        ("a@b.example", "Stark.Support", GOOD_PASSWORD, "username: This username is reserved."),
        ("not an address", "a.b", GOOD_PASSWORD, "email"),
        ("x" * 300 + "@b.example", "a.b", GOOD_PASSWORD, "email"),
        ("a@b.example", "a.b", "", "no password"),
    ],
)
def test_what_is_wrong_with_an_administrator_is_said_in_a_line(
    email: str, username: str, password: str, said: str
) -> None:
    migrated()
    answer = run("create-admin", "--email", email, "--username", username, "--password-stdin", given=password)
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_second_administrator_of_one_name_is_refused_in_a_line() -> None:
    migrated()
    arguments = ("create-admin", "--email", "a@b.example", "--username", "a.b", "--password-stdin")
    assert run(*arguments, given=GOOD_PASSWORD).exit_code == 0
    answer = run(*arguments, given=GOOD_PASSWORD)
    assert answer.exit_code == 1
    assert answer.stderr == "multiproduct: This username is taken. Please choose another one.\n"
    assert len(answer.stderr.splitlines()) == 1


def test_demo_people_are_made_once_and_their_passwords_shown() -> None:
    migrated()
    first, second = run("seed-demo"), run("seed-demo")
    assert [first.exit_code, second.exit_code] == [0, 0]
    assert first.stdout.count("(made)") == 2
    assert second.stdout.count("(was there already)") == 2
    assert {person.email.partition("@")[2] for person in DEMO_PEOPLE} == {"stark.example"}
    for person in DEMO_PEOPLE:
        assert f"{person.email} / {person.username} / {person.password}" in second.stdout


def test_production_refuses_demo_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_ENVIRONMENT", "production")
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://127.0.0.1:2525")
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "normal")
    migrated()
    answer = run("seed-demo")
    assert answer.exit_code == 1
    assert "production refuses" in answer.stderr


def test_purge_tells_how_much_went() -> None:
    migrated()
    assert run("purge").stdout == "0 rows removed.\n"


def test_todos_shows_the_backlog_and_revives_what_was_given_up_on() -> None:
    migrated()
    run("seed-demo")
    shown = run("todos", "--revive").stdout
    assert "0 revived." in shown
    assert re.search(r"[1-9]\d* open, 0 given up on\.", shown)
    assert "The oldest has been due for" in shown


def test_the_guide_shows_the_settings_as_they_are() -> None:
    guide = (ROOT / "docs/guide/running.md").read_text(encoding="utf-8")
    table = guide.partition("<!-- settings: begin -->\n")[2].partition("\n<!-- settings: end -->")[0]
    assert table == settings_table.as_markdown(), "run: multiproduct check-config --markdown"
    assert run("check-config", "--markdown").stdout.rstrip("\n") == table


def test_the_example_environment_names_every_setting_as_it_is() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert example == run("check-config", "--env-example").stdout, (
        "run: multiproduct check-config --env-example"
    )


def test_the_example_environment_taken_as_it_is_gives_the_defaults(tmp_path: Path) -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = [line.removeprefix("# ") for line in lines if re.match(r"# MULTIPRODUCT_\w+=.", line)]
    (tmp_path / "all.env").write_text("\n".join(given))
    defaults = Settings(_env_file=None, password_cost="normal")  # type: ignore[call-arg] # pydantic-settings' own
    assert Settings(_env_file=tmp_path / "all.env", password_cost="normal") == defaults  # type: ignore[call-arg] # likewise
    assert len(given) == sum(1 for row in settings_table.rows() if row.default)


def test_an_unforeseen_failure_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: Settings) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("multiproduct.bootstrap.migrate", broken)
    assert isinstance(run("migrate").exception, ZeroDivisionError)


def test_logs_are_json_for_programs_when_asked_for(tmp_path: Path) -> None:
    script = (
        "import logging\nfrom multiproduct.settings import Settings\n"
        "from multiproduct.bootstrap import set_up_logs\n"
        "set_up_logs(Settings(log_format='json'))\n"
        "logging.getLogger('multiproduct.x').info('hello', extra={'request_id': 'r1', 'password': 'p'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    line = json.loads(done.stderr)
    assert (line["event"], line["request_id"], line["password"]) == ("hello", "r1", "[redacted]")


def test_security_events_go_to_the_file_that_is_set_for_them(tmp_path: Path) -> None:
    script = (
        "import logging\nfrom multiproduct.settings import Settings\n"
        "from multiproduct.bootstrap import set_up_logs\n"
        "set_up_logs(Settings(log_format='json'))\n"
        "logging.getLogger('multiproduct.security').info('signed in', extra={'ip': '192.0.2.7'})\n"
        "logging.getLogger('multiproduct.x').info('ordinary')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "MULTIPRODUCT_SECURITY_LOG": "security.log"},
    )
    line = json.loads((tmp_path / "security.log").read_text(encoding="utf-8"))
    assert (line["event"], line["log"], line["ip"]) == ("signed in", "security", "192.0.2.7")
    assert [json.loads(text)["event"] for text in done.stderr.splitlines()] == ["ordinary"]
