"""Looking at notifications from the command line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from multiproduct.application.notifications import NOTIFICATION_TYPES
from multiproduct.entrypoints.cli import settings_table
from multiproduct.entrypoints.cli.main import app


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for row in settings_table.rows():
        for name in (row.variable, row.file_variable, *row.aliases):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["notifications", *arguments])


@pytest.mark.parametrize("command", ["types", "preview"])
def test_the_help_has_an_example(command: str) -> None:
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert re.search(rf"Examples?: multiproduct notifications {command}", answer.stdout)


def test_types_lists_every_type_with_its_channels_and_wordings() -> None:
    answer = run("types")
    assert answer.exit_code == 0
    assert [line.partition(":")[0] for line in answer.stdout.splitlines() if line[0] != " "] == list(
        NOTIFICATION_TYPES
    )
    assert "identity.code: security mandatory, email, sms\n  --variant registration, " in answer.stdout
    assert "subscriptions.trial_over: offers commercial, in_app, email, push\n" in answer.stdout


def test_a_preview_is_the_plain_text_in_the_language_that_was_asked_for() -> None:
    answer = run("preview", "identity.code", "--locale", "kn")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("STARK\n\nನಿಮ್ಮ")
    assert "482913" in answer.stdout


def test_nothing_is_made_or_opened_for_a_preview(tmp_path: Path) -> None:
    assert run("preview", "identity.code").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_html_goes_into_a_file(tmp_path: Path) -> None:
    answer = run(
        "preview", "billing.invoice_issued", "--locale", "fa", "--format", "html", "--output", "mail.html"
    )
    assert (answer.exit_code, answer.stdout) == (0, "billing.invoice_issued in fa is in mail.html.\n")
    assert '<html lang="fa" dir="rtl"' in (tmp_path / "mail.html").read_text(encoding="utf-8")


def test_short_has_the_subject_the_text_message_and_the_words_of_inbox_and_push() -> None:
    code = run("preview", "identity.code", "--format", "short").stdout.splitlines()
    assert [line.partition(":")[0] for line in code] == ["subject", "sms (1)"]
    notice = run("preview", "identity.security", "--variant", "password_changed", "--format", "short")
    assert [line.partition(":")[0] for line in notice.stdout.splitlines()] == ["subject", "title", "body"]
    assert "Your password was changed" in notice.stdout


def test_the_brand_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME", "WAYNE")
    monkeypatch.setenv("MULTIPRODUCT_BRAND_LIGHT", "accent=#0b5fff")
    html = run("preview", "identity.welcome", "--format", "html").stdout
    assert "WAYNE" in html
    assert "background-color: #0b5fff" in html


def test_production_has_previews_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "s" * 40,
        "SMTP_URL": "smtp://localhost:2525",
        "PASSWORD_COST": "normal",
        "BASE_URL": "https://stark.example",
    }.items():
        monkeypatch.setenv(f"MULTIPRODUCT_{name}", value)
    answer = run("preview", "identity.welcome")
    assert answer.exit_code == 0
    assert "https://stark.example/account/sign-in/" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing"], "there is no type 'nothing': `multiproduct notifications types` lists them"),
        (["identity.code", "--locale", "xx"], "--locale is one of en, es, fa, kn, ta, zh-Hant"),
        (["identity.code", "--format", "pdf"], "--format is one of html, text, short"),
        (["identity.welcome", "--variant", "x"], "identity.welcome has one wording, and no --variant"),
        (
            ["identity.document", "--variant", "x"],
            "--variant of identity.document is one of approved, rejected",
        ),
    ],
)
def test_what_cannot_be_shown_ends_with_code_2_and_says_what_can(arguments, told) -> None:
    answer = run("preview", *arguments)
    assert (answer.exit_code, answer.stderr) == (2, f"multiproduct: {told}\n")


def test_a_file_that_cannot_be_written_ends_with_code_1() -> None:
    answer = run("preview", "identity.welcome", "--output", "no/such/folder")
    assert (answer.exit_code, answer.stderr) == (
        1,
        "multiproduct: No such file or directory: no/such/folder\n",
    )


def test_check_config_warns_of_colours_that_weak_eyes_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "contrast" not in CliRunner().invoke(app, ["check-config"]).stderr
    monkeypatch.setenv("MULTIPRODUCT_BRAND_LIGHT", "muted=#cccccc")
    assert "light: muted on card 1.6" in CliRunner().invoke(app, ["check-config"]).stderr
