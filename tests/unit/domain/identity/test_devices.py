"""What devices are called: real User-Agent headers, as facts."""

from pathlib import Path

import pytest

from multiproduct.domain.identity.devices import device_of

FACTS = Path(__file__).with_name("user_agents.tsv")
REAL = [line.split("\t") for line in FACTS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "header"), REAL)
def test_a_device_has_the_name_that_people_know_it_by(name, header):
    assert device_of(header).name == name


def test_an_update_makes_no_other_device_of_it():
    name, header = REAL[0]
    assert name == "Chrome on Windows"
    newer = header.replace("Chrome/131", "Chrome/132")
    assert newer != header
    assert device_of(newer) == device_of(header)


def test_a_name_without_words_is_for_texts_in_any_language():
    assert device_of(REAL[0][1]).wordless_name == "Chrome (Windows)"
    assert device_of("curl/8.10.1").wordless_name == "curl"
    assert device_of(None).wordless_name is None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Mozilla/5.0",
        "<script>alert(1)</script>/1",
        "\u202e/1",
        "a" * 10_000 + "/1",
        "Mozilla/5.0 " + "(" * 10_000,
        "/",
        "1/1",
    ],
)
def test_a_header_that_is_no_header_names_nothing(header):
    assert device_of(header).name is None
