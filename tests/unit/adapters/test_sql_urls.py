"""How databases are named."""

import subprocess
import sys

import pytest

from multiproduct.adapters.sql import PostgresSettings, SqlStore
from multiproduct.adapters.sql.engine import normalised


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///./var/multiproduct.db", "sqlite+aiosqlite:///./var/multiproduct.db"),
        ("sqlite+aiosqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
        ("postgres://u:p@h:1/n", "postgresql+asyncpg://u:p@h:1/n"),
        ("postgresql://u:p%40@h:1/n", "postgresql+asyncpg://u:p%40@h:1/n"),
        ("postgresql+asyncpg://u@h/n", "postgresql+asyncpg://u@h/n"),
        ("postgresql://u@h/n?sslmode=require", "postgresql+asyncpg://u@h/n?ssl=require"),
    ],
)
def test_every_usual_form_is_understood(given: str, meant: str) -> None:
    assert normalised(given).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize("url", ["mysql://u@h/n", "postgresql+psycopg://u@h/n", "sqlite+pysqlite:///x.db"])
def test_other_databases_and_drivers_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="begins with"):
        SqlStore(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="needs a file"):
        SqlStore(url)


def test_a_pool_too_small_for_units_and_views_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        PostgresSettings(pool_size=1)


def test_a_password_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    print(normalised("postgresql://u:secret@h/n"))
    assert "secret" not in capsys.readouterr().out


def test_importing_the_adapter_loads_neither_drivers_nor_alembic() -> None:
    program = (
        "import sys, multiproduct.adapters.sql\n"
        "sys.exit(' '.join({'asyncpg', 'aiosqlite', 'alembic'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
