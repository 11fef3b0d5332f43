"""TLS contexts, one for each distinct trust setting, and the facts of a session."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.model import TlsFacts

_CA_FILE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_HASHED_DIRECTORY = Path("/etc/ssl/certs")


class Trust(Struct, frozen=True):
    """What decides whether a certificate is believed; equal settings share one context."""

    ca_bundle: str | None = None
    ca_dir: str | None = None
    verify: bool = True
    source: str = "system"
    http2: bool = False


def trust_from(ca_bundle: str | None, verify: bool, env: Mapping[str, str]) -> Trust:
    """
    The trust settings in force: the target's own, else the environment's, else the system's.

    Source: OpenSSL `SSL_CERT_FILE`/`SSL_CERT_DIR`; requests `REQUESTS_CA_BUNDLE`,
    curl `CURL_CA_BUNDLE` (read 2026-11-22).
    """
    if not verify:
        return Trust(verify=False, source="verification switched off")
    if ca_bundle:
        return Trust(ca_bundle=ca_bundle, source="configuration")
    for name in _CA_FILE_VARIABLES:
        if env.get(name):
            path = env[name]
            is_folder = os.path.isdir(path)
            return Trust(None if is_folder else path, path if is_folder else None, source=name)
    if env.get("SSL_CERT_DIR"):
        return Trust(ca_dir=env["SSL_CERT_DIR"], source="SSL_CERT_DIR")
    return Trust()


def context_of(ca_bundle: str | None, verify: bool, env: Mapping[str, str], *, http2: bool) -> ssl.SSLContext:
    """The context of these settings, of its own where HTTP/2 is offered. Raises as `context_for`."""
    return context_for(replace(trust_from(ca_bundle, verify, env), http2=http2))


@cache
def context_for(trust: Trust) -> ssl.SSLContext:
    """
    A shared context. Raises OSError or ssl.SSLError when a CA bundle cannot be read.

    The system's hashed directory is read on demand (0.2 ms); loading a whole bundle takes 20 ms.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1", "h2"] if trust.http2 else ["http/1.1"])
    if not trust.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif trust.ca_bundle or trust.ca_dir:
        context.load_verify_locations(cafile=trust.ca_bundle, capath=trust.ca_dir)
    else:
        _load_system_trust(context)
    return context


def _load_system_trust(context: ssl.SSLContext) -> None:
    if any(_HASHED_DIRECTORY.glob("*.0")):
        context.load_verify_locations(capath=str(_HASHED_DIRECTORY))
        return
    context.load_default_certs()
    if not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(cafile=certifi.where())


def tls_facts(session: ssl.SSLObject | ssl.SSLSocket | None) -> TlsFacts | None:
    """What was agreed on a connection; None for plain HTTP. Expiry is unknown when nothing was verified."""
    if session is None:
        return None
    cipher = session.cipher()
    certificate = session.getpeercert() or {}
    not_after = certificate.get("notAfter")
    expires = ssl.cert_time_to_seconds(not_after) if isinstance(not_after, str) else None
    return TlsFacts(
        version=session.version(),
        cipher=cipher[0] if cipher else None,
        alpn=session.selected_alpn_protocol(),
        expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires)) if expires else None,
        expires_in_s=expires - time.time() if expires else None,
        issuer=_issuer(certificate.get("issuer")),
    )


def _issuer(names: object) -> str | None:
    """The issuer's organisation, else its common name."""
    if not isinstance(names, tuple):
        return None
    flat = {k: v for part in names for k, v in part}
    return flat.get("organizationName") or flat.get("commonName")
