"""Settings: from the environment, files and code, and what production refuses."""

import os
from datetime import timedelta

import pytest
from pydantic import ValidationError

from multiproduct.bootstrap import build
from multiproduct.settings import DEVELOPMENT_SECRET, Environment, Settings

SECRET = "a secret of the production installation, long enough"
SAFE = {"environment": "production", "secret_key": SECRET, "smtp_url": "smtps://mail.example:465"}
ALIASES = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BROKER_URL")


@pytest.fixture(autouse=True)
def empty_surroundings(monkeypatch, tmp_path):
    """Neither variables nor an `.env` file of whoever runs the tests."""
    for name in list(os.environ):
        if name.upper().startswith("MULTIPRODUCT_") or name in ALIASES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusals(**given) -> str:
    with pytest.raises(ValidationError) as refusal:
        Settings(**given)
    return str(refusal.value)


def test_there_is_a_default_for_everything():
    settings = Settings()
    assert settings.is_development
    assert settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET
    assert settings.secrets == [DEVELOPMENT_SECRET]
    assert settings.database_url.startswith("sqlite:///")
    assert settings.works_inline
    assert settings.origins == []


def test_every_setting_has_a_variable_and_a_meaning():
    for name, field in Settings.model_fields.items():
        assert field.validation_alias.choices[0] == f"MULTIPRODUCT_{name.upper()}"
        assert field.description


@pytest.mark.parametrize("variable", ["MULTIPRODUCT_BRAND_NAME", "multiproduct_brand_name"])
def test_a_setting_is_read_from_its_variable(monkeypatch, variable):
    monkeypatch.setenv(variable, "WAYNE")
    assert Settings().brand_name == "WAYNE"


@pytest.mark.parametrize(
    ("alias", "value", "read"),
    [
        ("SECRET_KEY", SECRET, lambda settings: settings.secret_key.get_secret_value()),
        ("DATABASE_URL", "memory://", lambda settings: settings.database_url),
        ("REDIS_URL", "redis://127.0.0.1:1/0", lambda settings: settings.redis_url),
    ],
)
def test_the_usual_names_are_understood_but_the_own_one_goes_first(monkeypatch, alias, value, read):
    monkeypatch.setenv(alias, value)
    assert read(Settings()) == value
    monkeypatch.setenv(f"MULTIPRODUCT_{alias}", "redis://own")
    assert read(Settings()) == "redis://own"


def test_what_is_given_in_code_goes_before_everything(monkeypatch, tmp_path):
    (tmp_path / "brand").write_text("FILE")
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME_FILE", str(tmp_path / "brand"))
    assert Settings(brand_name="CODE").brand_name == "CODE"
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME", "VARIABLE")
    assert Settings(brand_name="CODE").brand_name == "CODE"


def test_a_setting_is_read_from_the_file_that_its_variable_names(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (tmp_path / "digits").write_text("8", encoding="utf-8")
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("MULTIPRODUCT_OTP_DIGITS_FILE", str(tmp_path / "digits"))
    settings = Settings()
    assert settings.secret_key.get_secret_value() == SECRET
    assert settings.otp_digits == 8


@pytest.mark.parametrize("variable", ["MULTIPRODUCT_SECRET_KEY", "SECRET_KEY"])
def test_a_variable_goes_before_a_file(monkeypatch, tmp_path, variable):
    (tmp_path / "secret").write_text("from the file")
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv(variable, SECRET)
    assert Settings().secret_key.get_secret_value() == SECRET


def test_an_empty_variable_does_not_stand_in_the_way_of_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "")
    assert Settings().secret_key.get_secret_value() == SECRET


def test_a_file_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(FileNotFoundError, match="nothing"):
        Settings()


def test_an_env_file_is_read_after_the_variables(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("MULTIPRODUCT_BRAND_NAME=DOTENV\nMULTIPRODUCT_OTP_DIGITS=9\nELSE=1\n")
    monkeypatch.setenv("MULTIPRODUCT_BRAND_NAME", "VARIABLE")
    settings = Settings()
    assert (settings.brand_name, settings.otp_digits) == ("VARIABLE", 9)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    unset = Settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"MULTIPRODUCT_{name.upper()}", "")
    assert Settings() == unset


@pytest.mark.parametrize("name", ["redis_url", "broker_url", "smtp_url", "default_region"])
def test_an_empty_text_in_code_is_none_where_none_is_possible(name):
    assert getattr(Settings(**{name: ""}), name) is None


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("otp_digits", [6, 10], [5, 11]),
        ("otp_minutes", [1, 10], [0, 11]),
        ("refresh_grace_seconds", [0, 30], [-1, 31]),
        ("environment", ["development"], ["staging", "Production!"]),
        ("rate_limit_profile", ["multiproduct", "fluxus", "unlimited"], ["none"]),
        ("password_cost", ["normal", "test"], ["free"]),
        ("log_format", ["json", "console"], ["xml"]),
    ],
)
def test_figures_and_choices_have_their_borders(name, good, bad):
    for value in good:
        assert getattr(Settings(**{name: value}), name) == value
    for value in bad:
        refusals(**{name: value})


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().brand_name = "OTHER"


def test_production_starts_with_what_it_needs():
    settings = Settings(**SAFE)
    assert settings.environment is Environment.PRODUCTION
    assert not settings.is_development


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"secret_key": DEVELOPMENT_SECRET}, "SECRET_KEY"),
        ({"secret_key": "x" * 31}, "SECRET_KEY"),
        ({"secret_key": ""}, "SECRET_KEY"),
        ({"rate_limit_profile": "unlimited"}, "RATE_LIMIT_PROFILE"),
        ({"password_cost": "test"}, "PASSWORD_COST"),
        ({"test_clock": True}, "TEST_CLOCK"),
        ({"smtp_url": None}, "SMTP_URL"),
        ({"smtp_url": ""}, "SMTP_URL"),
    ],
)
def test_production_refuses_what_is_only_for_development(given, named):
    told = refusals(**(SAFE | given))
    assert f"MULTIPRODUCT_{named} must" in told
    assert told.count("MULTIPRODUCT_") == 1


def test_production_names_everything_that_is_wrong_at_once():
    told = refusals(environment="production", password_cost="test", test_clock=True)
    for named in ("SECRET_KEY", "PASSWORD_COST", "TEST_CLOCK", "SMTP_URL"):
        assert f"MULTIPRODUCT_{named} must" in told


def test_an_empty_mail_server_does_not_open_the_development_mailbox_in_production(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "")
    assert "MULTIPRODUCT_SMTP_URL must" in refusals(environment="production", secret_key=SECRET)


def test_no_refusal_shows_a_secret():
    told = refusals(environment="production", secret_key="hunter2", otp_digits=6)
    assert "hunter2" not in told
    assert "hunter2" not in refusals(secret_key=["hunter2"])


def test_secrets_are_not_shown():
    settings = Settings(secret_key=SECRET, retired_secret_keys="an older one")
    assert SECRET not in repr(settings)
    assert "older" not in repr(settings)


@pytest.mark.parametrize(
    ("retired", "expected"), [("", []), ("one", ["one"]), (" one , two,, ", ["one", "two"])]
)
def test_the_present_secret_comes_first_and_retired_ones_after_it(retired, expected):
    assert Settings(secret_key=SECRET, retired_secret_keys=retired).secrets == [SECRET, *expected]


@pytest.mark.parametrize(
    ("given", "profile"),
    [
        ({}, "fluxus"),
        (SAFE, "multiproduct"),
        (SAFE | {"rate_limit_profile": "fluxus"}, "fluxus"),
        ({"rate_limit_profile": "multiproduct"}, "multiproduct"),
        ({"rate_limit_profile": "unlimited"}, "unlimited"),
    ],
)
def test_the_limits_go_by_the_environment_unless_a_profile_is_named(given, profile):
    assert Settings(**given).limits == profile


@pytest.mark.parametrize(
    ("given", "broker", "works_inline"),
    [
        ({}, None, True),
        ({"redis_url": "redis://r"}, "redis://r", False),
        ({"broker_url": "amqp://b"}, "amqp://b", False),
        ({"redis_url": "redis://r", "broker_url": "amqp://b"}, "amqp://b", False),
        ({"redis_url": "redis://r", "inline_worker": True}, "redis://r", True),
        ({"inline_worker": False}, None, False),
    ],
)
def test_reactions_run_in_the_server_only_where_there_is_no_broker(given, broker, works_inline):
    settings = Settings(**given)
    assert (settings.broker, settings.works_inline) == (broker, works_inline)


def test_origins_are_separated_by_commas():
    settings = Settings(cors_origins=" https://a.example ,https://b.example,, ")
    assert settings.origins == ["https://a.example", "https://b.example"]


def test_the_figures_reach_the_use_cases():
    settings = Settings(database_url="memory://", otp_digits=8, otp_minutes=3, password_cost="test")
    container = build(settings)
    issuing = container.identity.codes._issuing
    assert (issuing._policy.digits, issuing._policy.lifetime) == (8, timedelta(minutes=3))


def test_a_database_that_no_adapter_is_for_is_refused():
    with pytest.raises(ValueError, match="mysql"):
        build(Settings(database_url="mysql://127.0.0.1/x"))
