"""Issues tokens for the local overlay: the key stays in `.langdesign/`, the cluster gets its public half.

python deploy/overlays/local/issue_token.py jwks [--namespace langdesign-gpu] | kubectl apply -f -
python deploy/overlays/local/issue_token.py token --tenant ann
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMESPACE = "langdesign"
ISSUER = "langdesign-local"
AUDIENCE = "langdesign"
KEY_ID = "local"
SCOPES = ("instruction", "reference", "segmentation", "editing", "design", "training")
PEER_SCOPES = ("editing", "reference", "segmentation", "tenants")
PEER_HOURS = 24.0 * 30  # the deployment hook issues another at each rollout
DEFAULT_KEY = Path(__file__).resolve().parents[3] / ".langdesign" / "local-issuer.pem"


def private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key of a PEM file; make it, readable by its owner alone, where there is none."""
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes(*form))
    kept = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(kept, ec.EllipticCurvePrivateKey):
        raise SystemExit(f"{path} is not an elliptic-curve key; delete it, and a new one is made")
    return kept


def manifests(key: ec.EllipticCurvePrivateKey, place: str) -> str:
    """Return a namespace, and in it the public keys and two tokens, of design and of `skaffold verify`."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    jwks = {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}
    # As in components/namespace: applying it bare would take the security standard off.
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place, "labels": labels}}
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "local-issuer", "namespace": place},
        "data": {"jwks.json": json.dumps(jwks)},
    }
    # Edits outlive the calls that asked for them: the design service has a token of its own.
    secret = _secret("design-token", place, token(key, "design", PEER_HOURS, PEER_SCOPES))
    items = [namespace, config, secret, _secret("verify-token", place, token(key, "verify", PEER_HOURS))]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2)


def _secret(name: str, place: str, content: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": place},
        "stringData": {"token": content},
    }


def token(key: ec.EllipticCurvePrivateKey, tenant: str, hours: float, scopes: Sequence[str] = SCOPES) -> str:
    """Return a bearer token of a tenant, by default with every scope that people have."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": tenant, "tenant": tenant, "scope": " ".join(scopes)}
    times = {"iat": now, "exp": now + int(hours * 3600)}
    return jwt.encode({**claims, **times}, key, algorithm="ES256", headers={"kid": KEY_ID})


def main() -> None:
    """Print the manifests or a token."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--key", type=Path, default=DEFAULT_KEY, help="PEM file of the private key")
    commands = parser.add_subparsers(dest="command", required=True)
    keys = commands.add_parser("jwks", help="print the public keys as manifests")
    keys.add_argument("--namespace", default=NAMESPACE, help=f"of the overlay; {NAMESPACE} by default")
    issue = commands.add_parser("token", help="print a bearer token")
    issue.add_argument("--tenant", default="local")
    issue.add_argument("--hours", type=float, default=8.0)
    arguments = parser.parse_args()
    key = private_key(arguments.key)
    if arguments.command == "jwks":
        print(manifests(key, arguments.namespace))  # noqa: T201 - what was asked for
    else:
        print(token(key, arguments.tenant, arguments.hours))  # noqa: T201 - what was asked for


if __name__ == "__main__":
    main()
