"""Where webhooks may go: public addresses by https, whatever the address looks like."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.webhooks.ssrf_corpus import NOT_PUBLIC, PUBLIC, URLS

from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.domain.webhooks.addresses import is_public, parse_address

PRODUCTION = DestinationPolicy()
DEVELOPMENT = DestinationPolicy(allows_loopback=True)


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_no_special_address_is_public(text):
    address = parse_address(text)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_neighbours_of_special_addresses_are_public(text):
    address = parse_address(text)
    assert address is not None
    assert is_public(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_the_standard_library_holds_for_special_is_never_public(address):
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
        assert getattr(address, "ipv4_mapped", None) is None


@given(st.ip_addresses(v=4))
def test_ipv4_that_the_standard_library_holds_for_global_unicast_is_public_but_for_relays(address):
    elsewhere = ("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24")
    if any(address in ipaddress.ip_network(each) for each in elsewhere):
        return
    assert is_public(address) == (address.is_global and not address.is_multicast)


@pytest.mark.parametrize("url", URLS)
def test_addresses_that_mislead_are_refused(url):
    with pytest.raises(InvalidInput):
        PRODUCTION.read(url)


@pytest.mark.parametrize("host", NOT_PUBLIC)
def test_special_addresses_written_out_are_refused_in_production(host):
    written = f"[{host}]" if ":" in host else host
    with pytest.raises(InvalidInput):
        PRODUCTION.read(f"https://{written}/")


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://hooks.example.com/a?b=c", "hooks.example.com", 443),
        ("HTTPS://Hooks.Example.COM:8443", "hooks.example.com", 8443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]:443/", "2606:4700::1111", 443),
        ("https://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example", 443),
        ("https://a_b.example.com/", "a_b.example.com", 443),
        ("https://1.example.com/", "1.example.com", 443),
    ],
)
def test_ordinary_addresses_are_read(url, host, port):
    found = PRODUCTION.read(url)
    assert (found.host, found.port, found.url) == (host, port, url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4000/x", "http://localhost:4000/", "http://[::1]:4000/", "https://127.0.0.1:1/"]
)
def test_development_may_call_this_machine_by_its_own_name_alone(url):
    assert DEVELOPMENT.read(url).url == url
    with pytest.raises(InvalidInput):
        PRODUCTION.read(url)


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "http://10.0.0.1/", "https://192.168.0.1/"])
def test_development_calls_no_other_special_address(url):
    with pytest.raises(InvalidInput):
        DEVELOPMENT.read(url)


def test_a_name_that_leads_to_this_machine_is_refused_also_in_development():
    loopback = ipaddress.ip_address("127.0.0.1")
    assert not DEVELOPMENT.admits(loopback, "rebinding.example.com")
    assert DEVELOPMENT.admits(loopback, "localhost")
    assert not PRODUCTION.admits(loopback, "localhost")


def test_denied_networks_go_before_public_and_permitted_ones():
    policy = DestinationPolicy(
        permitted=(ipaddress.ip_network("10.1.0.0/16"),),
        denied=(ipaddress.ip_network("10.1.2.0/24"), ipaddress.ip_network("8.8.8.0/24")),
    )
    verdicts = {
        text: policy.admits(ipaddress.ip_address(text), "x.example")
        for text in ("10.1.1.1", "10.1.2.3", "10.2.0.1", "8.8.8.8", "1.1.1.1", "::1")
    }
    assert verdicts == {
        "10.1.1.1": True, "10.1.2.3": False, "10.2.0.1": False, "8.8.8.8": False, "1.1.1.1": True,
        "::1": False,
    }  # fmt: skip
