"""The command import-users: files in, people and a report out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from multiproduct.entrypoints.cli.main import app


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULTIPRODUCT_DATABASE_URL", f"sqlite:///{tmp_path}/people.db")
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "test")
    monkeypatch.chdir(tmp_path)
    assert run("migrate").exit_code == 0


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_lines_of_json_become_people_once_and_refusals_a_report(tmp_path: Path) -> None:
    rows = [
        json.dumps({"external_id": str(number), "email": f"p{number}@stark.com"}) for number in range(450)
    ]
    rows.insert(3, "no json")
    rows.insert(400, json.dumps({"external_id": "x"}))
    people = tmp_path / "people.jsonl"
    people.write_text("\n".join(rows) + "\n")
    answer = run("import-users", str(people), "--source", "shop", "--report", "refused.jsonl")
    assert answer.exit_code == 1
    assert "imported 450, here already 0, refused 2" in answer.output
    assert "row 401: email: required" in answer.output
    refused = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert [row["row"] for row in refused] == [4, 401]
    again = run("import-users", str(people), "--source", "shop")
    assert "imported 0, here already 450, refused 2" in again.output


def test_a_table_with_a_head_is_read_as_well(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "external_id,email,phone,first_name,email_verified\n1,a@stark.com,,Ada,true\n2,,+886912345678,Bo,\n"
    )
    answer = run("import-users", str(people))
    assert answer.exit_code == 0, answer.output
    assert "imported 2, here already 0, refused 0" in answer.output


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("people.txt", b"x", ".jsonl or .csv"),
        ("people.jsonl", b"\xff\xfe\x00", "UTF-8"),
        ("people.jsonl", None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_plainly(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    answer = run("import-users", str(tmp_path / name))
    assert answer.exit_code != 0
    assert says in answer.output
    assert "Traceback" not in answer.output


def test_a_source_that_is_no_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text('{"email": "a@stark.com"}\n')
    answer = run("import-users", str(tmp_path / "people.jsonl"), "--source", "My Shop!")
    assert answer.exit_code != 0
    assert "--source" in answer.output
