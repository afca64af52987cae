"""The command that shows keys by their ids and says how to change them."""

import re

import pytest
from typer.testing import CliRunner

from multiproduct.adapters.stdlib import DerivedSecrets, key_id
from multiproduct.entrypoints.cli.main import app
from multiproduct.settings import DEVELOPMENT_SECRET, Settings

PRESENT, COMING, RETIRED = "p" * 40, "n" * 40, "r" * 40


@pytest.fixture(autouse=True)
def secrets(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", PRESENT)
    monkeypatch.setenv("MULTIPRODUCT_NEXT_SECRET_KEYS", COMING)
    monkeypatch.setenv("MULTIPRODUCT_RETIRED_SECRET_KEYS", RETIRED)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["keys", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_keys_are_listed_by_id_with_what_they_do_and_no_secret_is_shown():
    lines = run().splitlines()
    assert [line.partition("  ")[0] for line in lines] == [
        key_id(each) for each in (COMING, PRESENT, RETIRED)
    ]
    assert [line.partition("  ")[2].partition(":")[0] for line in lines] == ["next", "present", "retired"]
    assert not any(secret in "".join(lines) for secret in (PRESENT, COMING, RETIRED))


def settings_of(step: str, secret: str) -> Settings:
    """The settings that a printed step amounts to, once the secrets stand where their ids do."""
    known = {key_id(each): each for each in (PRESENT, COMING, RETIRED, secret)}
    named = {}
    for name, value in re.findall(r"MULTIPRODUCT_(\w+)=(.*)", step):
        ids = re.findall(r"<the secret of key ([0-9a-f]{8})>", value)
        named[name.lower()] = ",".join(known[each] for each in ids)
    return Settings(_env_file=None, environment="development", **named)


def test_a_new_secret_comes_with_what_to_set_in_each_step(monkeypatch):
    printed = run("new")
    for name in ("SECRET_KEY", "NEXT_SECRET_KEYS", "RETIRED_SECRET_KEYS"):
        monkeypatch.delenv(f"MULTIPRODUCT_{name}")
    secret = re.search(r"^    (\S{64})$", printed, re.MULTILINE)[1]
    assert not any(each in printed for each in (PRESENT, COMING, RETIRED))
    _, publish, sign, retire = re.split(r"^\d\. ", printed, flags=re.MULTILINE)
    steps = [settings_of(step, secret) for step in (publish, sign, retire)]
    assert [step.secrets[0] for step in steps] == [PRESENT, secret, secret]
    peppers = [DerivedSecrets(masters=step.secrets) for step in steps]
    # Neighbours accept what each other signs, and older keys stay until the last step.
    for one, other in ((0, 1), (1, 0), (2, 1)):
        assert peppers[one].current_id in peppers[other].ids
    assert peppers[0].secret(key_id(RETIRED), "x")
    assert peppers[1].secret(key_id(RETIRED), "x")
    assert peppers[2].ids == [key_id(secret)]


def test_every_time_it_is_another_one():
    assert run("new") != run("new")


def test_a_secret_that_no_list_can_hold_is_warned_of(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "with, a comma and long enough to be one")
    assert "a comma" in run("new")


def test_production_refuses_a_next_secret_that_is_short_but_not_one_with_a_comma(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_ENVIRONMENT", "production")
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://127.0.0.1:25")
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "with, a comma and long enough to be one")
    assert run()
    monkeypatch.setenv("MULTIPRODUCT_NEXT_SECRET_KEYS", f"{COMING},short")
    done = CliRunner().invoke(app, ["keys"])
    assert done.exit_code == 2
    assert "MULTIPRODUCT_NEXT_SECRET_KEYS" in done.output


def test_resealing_says_how_many(monkeypatch, tmp_path):
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    runner = CliRunner()
    assert runner.invoke(app, ["migrate"]).exit_code == 0
    assert run("reseal").strip().endswith("0 encrypted anew.")


def test_the_secret_of_development_is_never_named_as_one_to_retire(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", DEVELOPMENT_SECRET)
    printed = run("new")
    assert "dropped" in printed
    second_step = printed.partition("2. Sign")[2].partition("3. ")[0]
    (to_retire,) = re.findall(r"RETIRED_SECRET_KEYS=(.+)", second_step)
    assert key_id(DEVELOPMENT_SECRET) not in to_retire
    assert key_id(RETIRED) in to_retire
