"""TLS servers whose certificates say what they are told to say: any text as a name."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


class Shown(NamedTuple):
    """A server's certificate, its key, and the issuer that a client may trust (None: nobody does)."""

    certificate: x509.Certificate
    key: Key
    trusted: x509.Certificate | None = None


def own(text: str) -> Shown:
    """It vouches for itself, under this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Shown(_issued(_name(text), key, _name(text), key), key)


def issuer(text: str) -> Shown:
    """Its issuer, whom nobody knows, has this name."""
    key, ca = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    return Shown(_issued(_name("host"), key, _name(text), ca), key)


def names(text: str) -> Shown:
    """It is trusted, and for another host: this one."""
    key, ca = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _issued(_name("root"), ca, _name("root"), ca, is_ca=True)
    return Shown(_issued(_name(text), key, root.subject, ca, hosts=(text, f"a.{text}")), key, root)


def expired(text: str) -> Shown:
    """It was valid long ago; the issuer is trusted, and has this name."""
    key, ca = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _issued(_name(text), ca, _name(text), ca, is_ca=True)
    return Shown(_issued(_name(text), key, root.subject, ca, hosts=("127.0.0.1",), days=-30), key, root)


CERTIFICATES: Mapping[str, Callable[[str], Shown]] = {
    "certificate, own": own,
    "certificate, issuer": issuer,
    "certificate, names": names,
    "certificate, expired": expired,
}
"""Where in a certificate a text can stand."""


def shown_by(kind: str, text: str) -> Shown:
    """The certificate of this kind; names are longer than the standard allows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CERTIFICATES[kind](text)


@contextmanager
def tls_server(shown: Shown, folder: Path) -> Iterator[tuple[str, Path | None]]:
    """Its base URL, and the bundle with the trusted issuer; it shakes hands and hangs up."""
    context = _context(shown, folder)
    server = socket.create_server(("127.0.0.1", 0), backlog=16)
    threading.Thread(target=_accept, args=(server, context), daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.getsockname()[1]}/v1", _bundle(shown, folder)
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def _accept(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        client.settimeout(2)
        with suppress(OSError), client, context.wrap_socket(client, server_side=True) as secure:
            secure.recv(4096)


def _context(shown: Shown, folder: Path) -> ssl.SSLContext:
    pem = folder / "server.pem"
    key = shown.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(key + shown.certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    pem.unlink()
    return context


def _bundle(shown: Shown, folder: Path) -> Path | None:
    if shown.trusted is None:
        return None
    path = folder.parent / f"{folder.name}.ca.pem"
    path.write_bytes(shown.trusted.public_bytes(serialization.Encoding.PEM))
    return path


def _name(text: str) -> x509.Name:
    """As the common name and the organisation, whatever its length."""
    kinds = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    return x509.Name([x509.NameAttribute(kind, text, _validate=False) for kind in kinds])


def _issued(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: Key,
    *,
    hosts: tuple[str, ...] = (),
    days: int = 30,
    is_ca: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(0, days) * 2 - 1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    if hosts:
        alternatives = [x509.DNSName(host.encode("ascii", "replace").decode()) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
