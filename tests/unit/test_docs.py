"""The documentation holds: its examples run, its links lead somewhere, and what it names exists."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from multiproduct import Multiproduct, MultiproductError
from multiproduct.entrypoints.http.app import path_table
from multiproduct.entrypoints.http.routing import PathTable

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "multiproduct"
INDEX = ROOT / "docs" / "README.md"
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = sorted({*ROOT.glob("*.md"), INDEX, *DECISIONS, *GUIDES})
HEADINGS = ["Status", "Context", "Decision", "Consequences", "Alternatives considered", "References"]
SHELLS = frozenset({"sh", "bash", "shell", "console"})
LONGEST_EXAMPLE_SECONDS = 120

FENCE = re.compile(r"^```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
CODE = re.compile(r"`(?P<code>[^`\n]+)`")
REPOSITORY_PATH = re.compile(r"(?:src|tests|docs|benchmarks|tools)/[\w./-]*")
PACKAGE_PATH = re.compile(r"(?:domain|application|adapters|entrypoints)/[\w./-]*")
REQUEST = re.compile(r"""(?:\$\{?API\}?|http://(?:127\.0\.0\.1|localhost):\d+)(?P<path>/[^\s"'?#]*)""")
METHOD = re.compile(r"(?:-X|--request)[ =]?(?P<method>[A-Z]+)")
SENDS_BODY = re.compile(r"\s(?:-d|--data\S*|--json|-F)\s")
UNWELCOME = re.compile(
    r"pypi\.org|pythonhosted|npmjs|docker\.io|quay\.io|ghcr\.io|--(?:extra-)?index-url"
    r"|(?<![\w./$}-])/(?:home|root|work|tmp|Users)/\w",
    re.IGNORECASE,
)


class Block(NamedTuple):
    """A fenced block of a page; `line` is that of its first line of text."""

    language: str
    line: int
    text: str


def blocks(page: str) -> Iterator[Block]:
    for found in FENCE.finditer(page):
        yield Block(found["language"], page.count("\n", 0, found.start("text")) + 1, found["text"])


def script_of(page: str) -> str:
    """The Python blocks of a page as one script, each at the line where the page has it."""
    lines: list[str] = []
    for block in blocks(page):
        if block.language == "python":
            lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    return "\n".join([*lines, ""])


def run_examples(
    page: str, folder: Path, *, without: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Runs them in an empty folder, without settings from outside and without packages of these names, and
    with warnings as errors."""
    script = folder / "page.py"
    script.write_text(script_of(page), encoding="utf-8")
    surroundings = {name: value for name, value in os.environ.items() if "MULTIPRODUCT" not in name}
    if without:
        missing = f"import sys\nsys.modules.update(dict.fromkeys({list(without)!r}))\n"
        (folder / "sitecustomize.py").write_text(missing, encoding="utf-8")
        paths = filter(None, (str(folder), surroundings.get("PYTHONPATH")))
        surroundings["PYTHONPATH"] = os.pathsep.join(paths)
    return subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_EXAMPLE_SECONDS,
    )


def packages_of_extras() -> list[str]:
    """The packages, by the name they are imported by, that a bare `pip install` does not bring."""
    required = metadata.requires("multiproduct") or ()
    of_extras = {_name_in(each) for each in required if "extra ==" in each and 'extra == "dev"' not in each}
    bare = {_name_in(each) for each in required if "extra ==" not in each}
    optional = of_extras - bare - {"multiproduct"}
    having = metadata.packages_distributions().items()
    return sorted(package for package, names in having if optional.intersection(map(_name_in, names)))


def _name_in(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def prose(page: str) -> str:
    """A page without its blocks."""
    return FENCE.sub("", page)


def broken_links(page: str, folder: Path) -> list[str]:
    """Relative links to what does not exist."""
    targets = [found["target"].partition("#")[0] for found in LINK.finditer(prose(page))]
    return [
        target
        for target in targets
        if target and not re.match(r"[a-z][a-z0-9+.-]*:", target) and not (folder / target).exists()
    ]


def missing_paths(page: str) -> list[str]:
    """Code paths in backticks that lead nowhere."""
    named = [found["code"] for found in CODE.finditer(prose(page))]
    return [
        name
        for name in named
        if (REPOSITORY_PATH.fullmatch(name) and not (ROOT / name).exists())
        or (PACKAGE_PATH.fullmatch(name) and not (PACKAGE / name).exists())
    ]


def requests(page: str) -> Iterator[tuple[str, str]]:
    """Method and path of every curl command in a shell block."""
    for block in blocks(page):
        if block.language in SHELLS:
            commands = block.text.replace("\\\n", " ").replace("|", "\n").splitlines()
            for command in commands:
                if "curl " in command and (found := REQUEST.search(command)):
                    given = METHOD.search(command)
                    sends = "POST" if SENDS_BODY.search(command) else "GET"
                    yield (given["method"] if given else sends), found["path"]


def unanswered(page: str, paths: PathTable) -> list[str]:
    """Requests that the service has no answer for."""
    return [
        f"{method} {path}"
        for method, path in requests(page)
        if (found := paths.find(path)) is None or method not in found[0].responders
    ]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_decision = pytest.mark.parametrize("page", DECISIONS, ids=name_of)
pages_with_examples = pytest.mark.parametrize(
    "page", [page for page in PAGES if script_of(read(page)).strip()], ids=name_of
)


@pytest.fixture(scope="module")
def paths() -> PathTable:
    return path_table(Multiproduct.in_memory().container)


@pages_with_examples
def test_the_examples_of_a_page_run_in_order_without_warnings(page, tmp_path):
    run = run_examples(read(page), tmp_path)
    assert run.returncode == 0, f"line numbers are those of {name_of(page)}\n{run.stderr}"


def test_the_examples_of_the_readme_need_no_extra(tmp_path):
    optional = packages_of_extras()
    assert {"bcrypt", "starlette", "asyncpg", "typer"} <= set(optional)
    run = run_examples(read(ROOT / "README.md"), tmp_path, without=optional)
    assert run.returncode == 0, run.stderr


def test_the_readme_and_the_guides_for_programs_have_examples():
    having = {name_of(page) for page in PAGES if script_of(read(page)).strip()}
    assert having >= {"README.md", "docs/guide/embedding.md", "docs/guide/testing.md"}


@every_page
def test_every_relative_link_leads_to_a_file(page):
    assert broken_links(read(page), page.parent) == []


@every_page
def test_every_code_path_in_backticks_exists(page):
    assert missing_paths(read(page)) == []


@every_page
def test_every_curl_command_asks_for_a_path_that_is_answered(page, paths):
    assert unanswered(read(page), paths) == []


@every_page
def test_a_curl_command_whose_answer_is_seen_ends_it_with_a_line(page):
    commands = [
        line for block in blocks(read(page)) if block.language in SHELLS for line in block.text.splitlines()
    ]
    seen = [line for line in commands if line.startswith("curl ") and " -o " not in line]
    assert [line for line in seen if not line.startswith(r"curl -sw '\n' ")] == []


def test_the_error_codes_of_the_http_guide_are_codes_of_errors():
    rows = re.findall(r"^\| \d{3}[^|]*\|(.*)\|$", read(ROOT / "docs" / "guide" / "http.md"), re.MULTILINE)
    named = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    assert len(named) > 40
    assert named - _codes_of(MultiproductError) == set()


def _codes_of(error: type[MultiproductError]) -> set[str]:
    return {error.code}.union(*map(_codes_of, error.__subclasses__()))


def test_the_walk_through_visits_the_whole_journey():
    visited = [path.removeprefix("/api/v1/identity") for _, path in requests(read(ROOT / "README.md"))]
    journey = [
        *("/usernames/check", "/registration", "/dev/mailbox", "/registration/verify", "/sign-in"),
        *("/token/refresh", "/me", "/sign-out", "/me"),
    ]
    assert visited[: len(journey)] == journey


@every_page
def test_no_page_names_a_registry_or_a_folder_of_some_machine(page):
    assert UNWELCOME.findall(read(page)) == []


def test_the_numbers_of_decisions_are_unique_and_without_gaps():
    assert [page.name[:5] for page in DECISIONS] == [f"{n:04}-" for n in range(1, len(DECISIONS) + 1)]


@every_decision
def test_a_decision_has_the_headings_in_order(page):
    assert re.findall(r"^## (.+)$", prose(read(page)), re.MULTILINE) == HEADINGS


@every_decision
def test_a_decision_is_listed_in_the_index(page):
    assert f"](adr/{page.name})" in read(INDEX)


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_a_guide_is_listed_in_the_index(page):
    assert f"](guide/{page.name})" in read(INDEX)


def test_a_failing_example_is_caught_and_told_by_its_line(tmp_path):
    page = "# Title\n\n```python\nfound = 1\n```\n\ntext\n\n```python\nassert found == 2\n```\n"
    run = run_examples(page, tmp_path)
    assert run.returncode != 0
    assert "line 10" in run.stderr


def test_a_warning_in_an_example_is_caught(tmp_path):
    page = "```python\nimport warnings\nwarnings.warn('old', DeprecationWarning)\n```\n"
    assert run_examples(page, tmp_path).returncode != 0


def test_blocks_of_other_languages_are_not_run():
    assert script_of("```sh\nexit 1\n```\n\n```json\n{}\n```\n").strip() == ""


def test_a_broken_link_is_caught():
    page = "[a](docs/README.md) [b](docs/nowhere.md#part) [c](https://example.com/x) [d](#below)"
    assert broken_links(page, ROOT) == ["docs/nowhere.md"]


def test_a_path_that_does_not_exist_is_caught():
    page = "`src/multiproduct/py.typed` `adapters/sql/nothing.py` `tests/unit` `application/nothing` `a/b`"
    assert missing_paths(page) == ["adapters/sql/nothing.py", "application/nothing"]


def test_a_request_that_nobody_answers_is_caught(paths):
    page = (
        '```sh\ncurl -s "$API/api/v1/identity/me"\n'
        'X=$(curl -s "$API/api/v1/identity/sign-in" \\\n  -d "{}" | field refresh)\n'
        "curl http://127.0.0.1:8000/api/v1/nothing\ncurl -X DELETE $API/health/\n```\n"
    )
    assert unanswered(page, paths) == ["GET /api/v1/nothing", "DELETE /health/"]


@pytest.mark.parametrize(
    "text", ["see https://pypi.org/project/x", "in /home/somebody", "`/tmp/x`", "--index-url https://x"]
)
def test_an_unwelcome_name_is_caught(text):
    assert UNWELCOME.search(text)


@pytest.mark.parametrize("text", ["docs/work/x", "`/api/v1/identity/me`", "$API/rooted", "./var/mailbox"])
def test_an_ordinary_path_is_welcome(text):
    assert UNWELCOME.search(text) is None
