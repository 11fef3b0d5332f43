"""Which proxy is taken, by the rules that httpx and curl share."""

from __future__ import annotations

import pytest

from llmprobe.transport.proxies import is_excluded, proxy_for, proxy_source

ENV = {"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:2", "ALL_PROXY": "socks5://all:3"}


def test_lower_case_wins_and_all_proxy_fills_in() -> None:
    assert proxy_for("https://api.example.com/v1", ENV) == "http://lower:2"
    assert proxy_for("http://api.example.com/v1", ENV) == "socks5://all:3"
    assert proxy_source("https://api.example.com/v1", ENV) == "https_proxy"


def test_a_bare_host_is_an_http_proxy() -> None:
    assert proxy_for("https://x.example/", {"HTTPS_PROXY": "proxy:8080"}) == "http://proxy:8080"


def test_upper_case_http_proxy_is_ignored_under_cgi() -> None:
    """A client can set it there (httpoxy)."""
    assert proxy_for("http://x.example/", {"HTTP_PROXY": "http://evil", "REQUEST_METHOD": "GET"}) is None


@pytest.mark.parametrize(
    ("host", "rule", "excluded"),
    [
        ("a.example.com", "example.com", True), ("example.com", ".example.com", True), ("badexample.com", "example.com", False),
        ("10.1.2.3", "10.0.0.0/8", True), ("11.1.2.3", "10.0.0.0/8", False), ("localhost", "localhost,127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True), ("anything", "*", True), ("x.com", "", False), ("::1", "::1", True),
    ],
)  # fmt: skip
def test_no_proxy_knows_names_addresses_and_networks(host: str, rule: str, excluded: bool) -> None:
    assert is_excluded(host, rule) is excluded
