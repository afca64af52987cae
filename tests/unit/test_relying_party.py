"""As whom an installation speaks to authenticators."""

import pytest

from multiproduct.settings.relying_party import host_name, passkey_origins, relying_party


@pytest.mark.parametrize(
    ("base_url", "id", "more", "party"),
    [
        ("http://127.0.0.1:8000", None, "", ("localhost", ("http://localhost:8000",))),
        ("http://[::1]:8000", None, "", ("localhost", ("http://localhost:8000",))),
        ("https://Shop.Example/app", None, "", ("shop.example", ("https://shop.example",))),
        (
            "https://id.shop.example:8443",
            "shop.example",
            "https://www.shop.example, https://id.shop.example:8443",
            ("shop.example", ("https://id.shop.example:8443", "https://www.shop.example")),
        ),
    ],
)
def test_it_is_the_host_of_the_base_url_or_one_above_it(base_url, id, more, party):
    found = relying_party(base_url, id=id, more_origins=more)
    assert (found.id, found.origins) == party


@pytest.mark.parametrize("id", ["evil.example", "hop.example", "www.shop.example"])
def test_a_host_beside_the_base_url_is_refused(id):
    with pytest.raises(ValueError, match="PASSKEY_RP_ID"):
        relying_party("https://shop.example", id=id, more_origins="")


@pytest.mark.parametrize("text", ["", "https://shop.example", "android:apk-key-hash:" + "a" * 43])
def test_origins_are_of_browsers_and_applications(text):
    assert passkey_origins(text) == text


@pytest.mark.parametrize("text", ["*", "http://shop.example", "https://shop.example/x", "https://a b", "x"])
def test_what_is_no_safe_origin_is_refused(text):
    with pytest.raises(ValueError, match="number 1"):
        passkey_origins(text)


@pytest.mark.parametrize("text", ["Shop.example", "shop..example", "https://shop.example", "-", "a b"])
def test_a_host_name_is_written_plainly(text):
    with pytest.raises(ValueError, match=r"shop\.example"):
        host_name(text)
