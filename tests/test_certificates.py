"""Certificates that are not believed, each told apart by `check` and `diagnose`, over real TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from llmprobe.engine.ladder.climb import diagnose
from llmprobe.model import Category, Fault, ProbeKind
from llmprobe.model.diagnosis import Rung, RungName, RungState
from tests.support import a_target, check_one

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
Start = Callable[[ssl.SSLContext], str]


@pytest.fixture
def tls_server() -> Iterator[Start]:
    """Servers that shake hands and answer one small JSON object, on localhost."""
    listening: list[socket.socket] = []

    def start(context: ssl.SSLContext) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)
        threading.Thread(target=serve, args=(server, context), daemon=True).start()
        return f"https://localhost:{server.getsockname()[1]}/v1"

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def serve(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(client, server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        except OSError:
            client.close()


def context_with(certificate: trustme.LeafCert, *, whole_chain: bool = True) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    blobs = certificate.cert_chain_pems if whole_chain else certificate.cert_chain_pems[:1]
    with certificate.private_key_and_cert_chain_pem.tempfile() as whole:
        key = Path(whole).read_text().split("-----BEGIN CERTIFICATE-----")[0]
    pem = trustme.Blob(key.encode() + b"".join(blob.bytes() for blob in blobs))
    with pem.tempfile() as path:
        context.load_cert_chain(path)
    return context


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA(organization_name="Example Corp")


@pytest.fixture
def bundle(ca: trustme.CA, tmp_path: Path) -> str:
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def test_an_expired_certificate_says_when_it_ended(tls_server: Start, ca: trustme.CA, bundle: str) -> None:
    ended = NOW - DAY
    url = tls_server(context_with(ca.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=ended)))
    seen = check_one(a_target(url, ca_bundle=bundle), ProbeKind.CHAT)
    assert (seen.category, seen.fault, seen.rule) == (Category.TLS, Fault.UNKNOWN, "net.tls.expired")
    assert ended.strftime("to %Y-%m-%d %H:%M UTC") in seen.reason


def test_a_certificate_of_the_future_says_when_it_begins(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    begins = NOW + 3 * DAY
    url = tls_server(context_with(ca.issue_cert("localhost", not_before=begins, not_after=NOW + 9 * DAY)))
    seen = check_one(a_target(url, ca_bundle=bundle), ProbeKind.CHAT)
    assert (seen.rule, seen.fault) == ("net.tls.not_yet_valid", Fault.CLIENT)
    assert begins.strftime("from %Y-%m-%d %H:%M UTC") in seen.reason


def test_a_wrong_name_says_which_names_there_are(tls_server: Start, ca: trustme.CA, bundle: str) -> None:
    url = tls_server(context_with(ca.issue_cert("api.example.com", "*.example.net")))
    seen = check_one(a_target(url, ca_bundle=bundle), ProbeKind.CHAT)
    assert seen.rule == "net.tls.wrong_host"
    assert "(it is for api.example.com, *.example.net)" in seen.reason


def test_a_missing_intermediate_is_an_incomplete_chain(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    """It is the server's to send; the CA bundle that is in force already is not advised again."""
    leaf = ca.create_child_ca().issue_cert("localhost")
    whole, cut = tls_server(context_with(leaf)), tls_server(context_with(leaf, whole_chain=False))
    assert check_one(a_target(whole, ca_bundle=bundle), ProbeKind.EDGE).category is Category.OK
    seen = check_one(a_target(cut, ca_bundle=bundle), ProbeKind.EDGE)
    assert (seen.category, seen.rule) == (Category.TLS, "net.tls.incomplete_chain")
    assert "intermediate" in (seen.hint or "")


def test_a_private_ca_is_named_and_its_absence_from_a_bundle_too(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    other = trustme.CA(organization_name="Some Inspector").create_child_ca()
    url = tls_server(context_with(other.issue_cert("localhost")))
    without = check_one(a_target(url), ProbeKind.EDGE)
    with_bundle = check_one(a_target(url, ca_bundle=bundle), ProbeKind.EDGE)
    assert without.rule in ("net.tls.private_ca", "net.tls.unknown_ca")
    assert with_bundle.rule == "net.tls.not_in_bundle"
    assert "Some Inspector" in without.reason
    assert "Some Inspector" in with_bundle.reason


def test_a_server_that_demands_a_client_certificate_is_told_as_that(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    context = context_with(ca.issue_cert("localhost"))
    ca.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    seen = check_one(a_target(tls_server(context), ca_bundle=bundle), ProbeKind.CHAT)
    assert (seen.category, seen.fault, seen.rule) == (
        Category.TLS,
        Fault.CLIENT,
        "net.tls.client_certificate",
    )


def test_a_self_signed_certificate_is_no_private_ca(tls_server: Start) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - DAY, NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(pem + made.public_bytes(serialization.Encoding.PEM)).tempfile() as path:
        context.load_cert_chain(path)
    assert check_one(a_target(tls_server(context)), ProbeKind.EDGE).rule == "net.tls.self_signed"


# The ladder


def rung_of_tls(url: str, **changes: str) -> Rung:
    first = Rung(RungName.CONFIGURATION, RungState.HOLDS, "read", "fine")
    done = asyncio.run(diagnose(a_target(url, **changes), first, {}))
    rung = next(rung for rung in done.rungs if rung.name is RungName.TLS)
    return Rung(rung.name, rung.state, done.next or "", rung.came, details=rung.details)


def test_the_ladder_tells_an_incomplete_chain_from_one_that_is_signed_by_itself(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    leaf = ca.create_child_ca().issue_cert("localhost")
    cut = rung_of_tls(tls_server(context_with(leaf, whole_chain=False)), ca_bundle=bundle)
    assert cut.state is RungState.BROKEN
    assert "signed by itself" not in str(cut.details)
    assert "intermediate" in cut.did, "the advice is about the server's chain"
    assert "ca_bundle" not in cut.did


def test_the_ladder_says_for_which_names_a_certificate_is(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    url = tls_server(context_with(ca.issue_cert("api.example.com", "*.example.net")))
    wrong = rung_of_tls(url, ca_bundle=bundle)
    assert "it is for api.example.com, *.example.net" in wrong.details


def test_the_ladder_does_not_advise_a_bundle_that_is_named_already(
    tls_server: Start, ca: trustme.CA, bundle: str
) -> None:
    other = trustme.CA(organization_name="Some Inspector").create_child_ca()
    url = tls_server(context_with(other.issue_cert("localhost")))
    unbundled, bundled = rung_of_tls(url), rung_of_tls(url, ca_bundle=bundle)
    assert "ca_bundle" in unbundled.did
    assert f'ca_bundle names "{bundle}" already' in bundled.did
    assert "name the CA" not in bundled.did
