"""Settings: from the environment, files and code, and what production refuses."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from multiproduct.adapters.dramatiq.links import link_to
from multiproduct.adapters.redis.connection import connect
from multiproduct.adapters.sql.engine import normalised
from multiproduct.bootstrap import build
from multiproduct.settings import (
    DEVELOPMENT_SECRET,
    PREFIX,
    Environment,
    Settings,
    known_variables,
    unknown_variables,
)
from multiproduct.settings.writings import BROKER_SCHEMES, DATABASE_SCHEMES, REDIS_SCHEMES

ROOT = Path(__file__).resolve().parents[2]

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


def refused(**given) -> dict[str, str]:
    """What is wrong with each setting that is refused."""
    with pytest.raises(ValidationError) as refusal:
        Settings(**given)
    return {str(problem["loc"][0]): problem["msg"] for problem in refusal.value.errors(include_input=False)}


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
    own = {"SECRET_KEY": "own", "DATABASE_URL": "sqlite:///own", "REDIS_URL": "redis://own"}[alias]
    monkeypatch.setenv(f"MULTIPRODUCT_{alias}", own)
    assert read(Settings()) == own


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


@pytest.mark.parametrize(
    "name",
    ["redis_url", "broker_url", "sign_in_url", "reset_url", "smtp_url", "default_region", "security_log"],
)
def test_an_empty_text_in_code_is_none_where_none_is_possible(name):
    assert getattr(Settings(**{name: ""}), name) is None


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("otp_digits", [6, 10], [5, 11]),
        ("otp_minutes", [1, 10], [0, 11]),
        ("refresh_grace_seconds", [0, 30], [-1, 31]),
        ("todo_lease_seconds", [1, 3_600], [0, 3_601]),
        ("trusted_proxies", [0, 16], [-1, 17]),
        ("database_pool_size", [2, 1_000], [1, 1_001]),
        ("max_body_bytes", [1_000, 100_000_000], [999, 100_000_001]),
        ("access_token_minutes", [1, 1_440], [0, 1_441]),
        ("password_queue", [0, 10_000], [-1, 10_001]),
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
    told = refused(**(SAFE | given))
    assert set(told) == {named.lower()}
    assert "production refuses to start: it must" in told[named.lower()]


@pytest.mark.parametrize("name", ["next_secret_keys", "retired_secret_keys"])
@pytest.mark.parametrize("weak", [DEVELOPMENT_SECRET, "x" * 31])
def test_production_accepts_no_secret_that_is_known_or_weak_as_another_key(name, weak):
    told = refused(**(SAFE | {name: f"{'y' * 40},{weak}"}))
    assert set(told) == {name}
    assert weak not in told[name]
    assert Settings(**(SAFE | {name: "y" * 40})).secrets == [SECRET, "y" * 40]


def test_production_names_everything_that_is_wrong_at_once():
    told = refused(environment="production", password_cost="test", test_clock=True, log_level="LOUD")
    assert set(told) == {"secret_key", "password_cost", "test_clock", "smtp_url", "log_level"}


def test_an_empty_mail_server_does_not_open_the_development_mailbox_in_production(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "")
    assert set(refused(environment="production", secret_key=SECRET)) == {"smtp_url"}


def test_no_refusal_shows_a_secret():
    told = refusals(environment="production", secret_key="hunter2", otp_digits=6)
    assert "hunter2" not in told
    assert "hunter2" not in refusals(secret_key=["hunter2"])


def test_secrets_are_not_shown():
    settings = Settings(secret_key=SECRET, retired_secret_keys="an older one")
    assert SECRET not in repr(settings)
    assert "older" not in repr(settings)
    urls = {
        "database_url": "postgresql://joe:hunter2@db.example/shop",
        "redis_url": "redis://:hunter2@cache.example/0",
        "broker_url": "amqp://joe:hunter2@queue.example/shop",
        "smtp_url": "smtp://joe:hunter2@mail.example:587",
    }
    assert "hunter2" not in repr(Settings(**urls)) + str(Settings(**urls))


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


DATABASE_FORM = "write it as sqlite:///path or postgresql://user:password@host:port/name"


@pytest.mark.parametrize(
    "url",
    [
        "memory://",
        "sqlite:///./var/x.db",
        "sqlite:////data/x.db",
        "sqlite+aiosqlite:///x.db?mode=rw",
        "postgresql://joe:p%40ss@db.example:5432/shop?sslmode=require",
        "postgres://joe@[::1]:5432/shop",
        "postgresql+asyncpg://joe:a/b?c#d:e@db.example/shop",
        "postgresql:///shop?host=/run/postgresql",
    ],
)
def test_a_database_url_that_the_adapter_reads_is_taken(url):
    assert Settings(database_url=url).database_url == url
    if url != "memory://":
        normalised(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://127.0.0.1/x", DATABASE_FORM),
        ("postgresql+psycopg2://127.0.0.1/x", DATABASE_FORM),
        ("shop.db", DATABASE_FORM),
        ("sqlite:x.db", DATABASE_FORM),
        ("postgresql://joe:hunter2@db.example:port/x", DATABASE_FORM),
        ("", DATABASE_FORM),
        ("sqlite://", "SQLite needs a file: write sqlite:///path, or memory:// to keep nothing"),
        ("sqlite:///:memory:", "SQLite needs a file: write sqlite:///path, or memory:// to keep nothing"),
        ("memory://x", DATABASE_FORM),
    ],
)
def test_a_database_that_no_adapter_is_for_is_refused(url, told):
    assert refused(database_url=url) == {"database_url": f"Value error, {told}"}


def test_settings_take_the_schemes_that_the_adapters_take():
    for scheme in DATABASE_SCHEMES:
        assert normalised(f"{scheme}:///x").drivername.startswith(("sqlite", "postgresql"))
    for scheme in REDIS_SCHEMES:
        assert connect(f"{scheme}://cache.example/0")
    for scheme in BROKER_SCHEMES:
        link_to(f"{scheme}://queue.example/0", lease=timedelta(minutes=1)).close()
    for call in (lambda: normalised("kafka://x/y"), lambda: connect("kafka://x/0")):
        with pytest.raises(ValueError, match=r"kafka|redis"):
            call()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "redis_url",
            ["redis://cache.example", "rediss://:hunter2@cache.example:6380/1", "unix:///run/redis.sock"],
            ["amqp://queue.example", "cache.example:6379", "redis://", "redis://c:x/0", "redis://c/one"],
        ),
        (
            "broker_url",
            ["redis://c/0", "amqp://guest:guest@queue.example:5672/shop", "amqps://queue.example"],
            ["kafka://queue.example", "queue.example", "amqp://", "amqp://queue example"],
        ),
        (
            "smtp_url",
            ["smtp://mail.example", "smtps://joe:hunter2@mail.example:465", "smtp://m:25/?starttls=false"],
            ["mail.example", "http://mail.example", "smtp://", "smtp://joe@mail.example", "smtp://m/?x=1"],
        ),
        (
            "base_url",
            [
                "https://shop.example",
                "http://127.0.0.1:9000",
                "https://shop.example/shop/",
                "http://[::1]:80",
            ],
            [
                "shop.example",
                "ftp://shop.example",
                "/shop",
                "https://",
                "https://s.example/?x",
                "https://s:x",
            ],
        ),
        ("support_url", ["https://help.example/page"], ["help.example", "javascript:x", "https:///page"]),
        ("brand_logo_url", ["https://shop.example/logo.png"], ["logo.png", "data:image/png;base64,x"]),
        (
            "brand_light",
            ["", "accent=#0b5fff", "accent=#0B5FFF,on_accent=#ffffff"],
            ["red", "accent=red", "accent=#0b5fff;", "text=#fff", "ink=#000000", "text=#000000,text=#111111"],
        ),
        ("sign_in_url", ["https://app.example/#/sign-in?x=1"], ["app.example", "/sign-in"]),
        ("reset_url", ["http://app.example/reset"], ["reset"]),
        (
            "mail_from",
            ["no-reply@shop.example", "Shop <no-reply@shop.example>", '"Shop, Inc." <a@b.example>'],
            ["shop.example", "Shop <>", "a@b.example, c@d.example", "Shop <nö@b.example>", ""],
        ),
        ("support_email", ["help@shop.example"], ["help", "a b@shop.example", "a@b@c", ""]),
        ("log_level", ["DEBUG", "CRITICAL"], ["LOUD", "", "10"]),
        ("default_region", ["DE"], ["DEU", "D", "4A", "Germany"]),
        ("seller_country", ["DE", ""], ["DEU", "D", "4A", "Germany"]),
        ("default_currency", ["EUR", "JPY"], ["EURO", "E", "E1R", "€", "euros"]),
        (
            "cors_origins",
            ["", "*", "https://a.example,http://127.0.0.1:3000", "capacitor://localhost, http://[::1]:80"],
            [
                "a.example",
                "https://a.example/",
                "https://a.example, https://B.example",
                "https://a:x",
                "null",
            ],
        ),
    ],
)
def test_what_is_written_wrong_is_refused_before_anything_starts(name, good, bad):
    for value in good:
        assert getattr(Settings(**{name: value}), name) == value
    for value in bad:
        assert set(refused(**{name: value})) == {name}, value


def test_a_refusal_says_what_to_write_and_nothing_of_what_was_written():
    wrong = {
        "database_url": "postgresql://joe:hunter2@db.example:port/x",
        "redis_url": "redis://:hunter2@cache.example:port/0",
        "broker_url": "kafka://joe:hunter2@queue.example",
        "smtp_url": "smtp://joe:hunter2@",
        "base_url": "shop.example",
        "mail_from": "nobody",
    }
    told = refused(**wrong)
    assert told["broker_url"] == (
        "Value error, write it as redis://host:port/0, rediss://..., unix://path, or "
        "amqp(s)://user:password@host/vhost"
    )
    assert told["base_url"].startswith("Value error, write it as https://host")
    assert set(told) == set(wrong)
    assert "hunter2" not in refusals(**wrong)


@pytest.mark.parametrize(("given", "read"), [("de", "DE"), ("DE", "DE")])
def test_a_country_and_a_level_are_read_in_any_case(given, read):
    settings = Settings(default_region=given, log_level="debug")
    assert (settings.default_region, settings.log_level) == (read, "DEBUG")


def test_help_is_found_where_the_service_is_unless_another_place_is_named():
    assert Settings().support_url == "http://127.0.0.1:8000/"
    assert Settings(base_url="https://shop.example/shop/").support_url == "https://shop.example/shop/"
    named = Settings(base_url="https://shop.example", support_url="https://help.example")
    assert named.support_url == "https://help.example"
    assert set(refused(base_url="shop")) == {"base_url"}


def test_a_variable_that_is_no_setting_is_found_with_the_one_that_may_be_meant(monkeypatch, tmp_path):
    assert unknown_variables() == []
    monkeypatch.setenv("MULTIPRODUCT_DATABSE_URL", "memory://")
    monkeypatch.setenv("multiproduct_smtp_ulr", "x")
    (tmp_path / ".env").write_text("MULTIPRODUCT_BRANDNAME=X\nMULTIPRODUCT_QQQQ=1\nOTHER=1\n")
    assert [(unknown.name, unknown.nearest) for unknown in unknown_variables()] == [
        ("MULTIPRODUCT_BRANDNAME", "MULTIPRODUCT_BRAND_NAME"),
        ("MULTIPRODUCT_DATABSE_URL", "MULTIPRODUCT_DATABASE_URL"),
        ("MULTIPRODUCT_QQQQ", None),
        ("MULTIPRODUCT_SMTP_ULR", "MULTIPRODUCT_SMTP_URL"),
    ]


def test_every_name_that_the_project_itself_uses_is_known():
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py"), ROOT / "Makefile"]
    used = {
        name
        for source in sources
        for name in re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", source.read_text(encoding="utf-8"))
    }
    assert used - known_variables() == set()
    assert "MULTIPRODUCT_SERVER_PID" in used
    assert unknown_variables(dict.fromkeys(used, "")) == []


@pytest.mark.parametrize(
    "endpoints",
    [
        "",
        "issuer=https://id.example",
        "token=http://127.0.0.1:9/t, keys=http://localhost:9/k",
        "issuer=https://a/?x=1",
    ],
)
def test_a_providers_endpoints_are_named_addresses(endpoints: str) -> None:
    assert Settings(_env_file=None, google_endpoints=endpoints).google_endpoints == endpoints


@pytest.mark.parametrize(
    "endpoints",
    [
        "https://id.example",
        "issuer",
        "issuer=",
        "issuer=http://id.example",
        "other=https://id.example",
        "keys=file:///k",
    ],
)
def test_what_is_no_providers_endpoint_is_refused(endpoints: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, apple_endpoints=endpoints)


@pytest.mark.parametrize(
    "pages", ["https://shop.example/back", "http://127.0.0.1:3000/, https://b.example/x?y=1"]
)
def test_browsers_come_back_to_pages(pages: str) -> None:
    assert Settings(_env_file=None, social_redirect_urls=pages).social_redirect_urls == pages


@pytest.mark.parametrize(
    "pages", ["shop.example", "http://shop.example/back", "https://shop.example/#x", "https://a b/"]
)
def test_what_no_browser_comes_back_to_is_refused(pages: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, social_redirect_urls=pages)
