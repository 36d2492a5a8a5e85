"""TLS and mTLS of the server, from PEM files that are read again when they change."""

import logging
from pathlib import Path

import grpc

from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import TlsSettings

_log = logging.getLogger(__name__)


def check(tls: TlsSettings) -> None:
    """Raise StartError, naming the setting, for a file that does not hold what TLS needs of it."""
    given: dict[str, Path | None] = {
        name: getattr(tls, name) for name in ("certificate", "key", "ca", "client_ca")
    }
    for name, path in given.items():
        if path is not None:
            _check_file(name, path)


def _check_file(name: str, path: Path) -> None:
    # Seven megabytes, which a process without TLS does without.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        if name == "key":
            load_pem_private_key(path.read_bytes(), password=None)
        else:
            x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        kind = "an unencrypted private key" if name == "key" else "certificates"
        raise StartError(
            f"{path} does not hold {kind} that can be read",
            hint=f"set LANGDESIGN_TLS_{name.upper()} to a PEM file of {kind}",
        ) from error


def server_credentials(tls: TlsSettings) -> grpc.ServerCredentials | None:
    """Return the server's credentials; None where no certificate is set. With ``client_ca`` it is mTLS.

    A renewed certificate serves new connections without a restart.
    """
    if tls.certificate is None:
        return None
    files = _Files(tls)
    return grpc.dynamic_ssl_server_credentials(
        files.read(),
        files.changed,  # type: ignore[arg-type]  # None means unchanged; the stubs do not say so
        require_client_authentication=tls.client_ca is not None,
    )


class _Files:
    def __init__(self, tls: TlsSettings) -> None:
        self._tls = tls
        self._stamp = self._now()

    def read(self) -> grpc.ServerCertificateConfiguration:
        pair = (_bytes(self._tls.key), _bytes(self._tls.certificate))
        roots = None if self._tls.client_ca is None else _bytes(self._tls.client_ca)
        return grpc.ssl_server_certificate_configuration([pair], roots)

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """Return new certificates, or None to keep the ones in use; also while they are being written."""
        try:
            stamp = self._now()
            if stamp == self._stamp:
                return None
            configuration = self.read()
        except OSError as error:
            _log.warning("the certificates cannot be read; the old ones stay in use", exc_info=error)
            return None
        self._stamp = stamp
        return configuration

    def _now(self) -> tuple[int, ...]:
        paths = (self._tls.certificate, self._tls.key, self._tls.client_ca)
        return tuple(path.stat().st_mtime_ns for path in paths if path is not None)


def _bytes(path: Path | None) -> bytes:
    return b"" if path is None else path.read_bytes()
