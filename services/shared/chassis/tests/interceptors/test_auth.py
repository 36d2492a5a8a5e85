import asyncio
import base64
import dataclasses
import hmac
import http.server
import json
import threading
import time

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign_chassis import channel
from langdesign_chassis.callstate import BEHALF_KEY
from langdesign_chassis.errors import StartError, Unauthenticated
from langdesign_chassis.keys import KeySet
from langdesign_chassis.settings import AuthSettings
from langdesign_chassis.testing import Issuer, serving, test_settings
from msgspec import structs


@pytest.fixture
async def served(echo, issuer, tmp_path):
    settings = test_settings(auth=issuer.settings(tmp_path))
    scopes = {f"/{echo.name}/StreamUnary": "echo.admin"}
    async with serving(echo.register, echo.name, settings=settings, scopes=scopes) as service:
        yield service


async def code_of(echo, served, metadata, **options):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await echo.call(served.channel, metadata=metadata, **options)
    return caught.value.code()


async def test_a_good_token_lets_its_tenant_in(echo, served, issuer):
    await echo.call(served.channel, metadata=issuer.metadata("acme", "other echo"))
    assert echo.seen == ["acme"]


async def test_accepted_signatures_may_be_listed_with_spaces(echo, issuer, tmp_path):
    auth = structs.replace(issuer.settings(tmp_path), algorithms="RS256, ES256 ,EdDSA")

    async with serving(echo.register, echo.name, settings=test_settings(auth=auth)) as service:
        await echo.call(service.channel, metadata=issuer.metadata("acme", "echo"))

    assert echo.seen == ["acme"]


def on_behalf(issuer, tenant, scope):
    """Metadata of a service whose own token names no tenant."""
    return (*issuer.metadata(None, scope), (BEHALF_KEY, tenant.encode()))


async def test_a_service_with_the_scope_for_it_calls_on_behalf_of_the_tenant_that_it_names(
    echo, served, issuer
):
    await echo.call(served.channel, metadata=on_behalf(issuer, "Möbel", "tenants echo"))
    assert echo.seen == ["Möbel"]


@pytest.mark.parametrize(("tenant", "scope"), [("acme", "echo"), ("acme", "tenants"), (" ", "tenants echo")])
async def test_nobody_else_names_a_tenant(echo, served, issuer, tenant, scope):
    metadata = on_behalf(issuer, tenant, scope)
    assert await code_of(echo, served, metadata) is grpc.StatusCode.PERMISSION_DENIED
    assert echo.seen == []


async def test_a_call_on_behalf_of_a_tenant_stays_so_downstream(echo, served, issuer):
    async def pass_on(request):
        echo.behaviour = echo.answer
        async with channel(served.address) as peer:
            return await echo.call(peer)

    echo.behaviour = pass_on
    await echo.call(served.channel, metadata=on_behalf(issuer, "acme", "tenants echo"))
    assert echo.seen == ["acme", "acme"]


@pytest.mark.parametrize("tenant", [None, "", " ", 7, ["acme"]])
async def test_a_token_without_a_tenant_is_refused_and_its_subject_does_not_stand_in(
    echo, served, issuer, tenant
):
    with pytest.raises(grpc.aio.AioRpcError, match="names no tenant") as caught:
        await echo.call(served.channel, metadata=issuer.metadata(tenant, "echo"))
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert echo.seen == []


def forged(issuer):
    """A token that an outsider signs with the public key as an HMAC secret, as if it were the issuer's."""
    public = issuer._key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _, body, _ = issuer.token("acme", "echo").split(".")
    header = _base64(b'{"alg":"HS256","kid":"key-0"}')
    signed = f"{header}.{body}"
    return f"{signed}.{_base64(hmac.digest(public, signed.encode(), 'sha256'))}"


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda issuer: None, id="no token"),
        pytest.param(lambda issuer: "not.a.token", id="garbage"),
        pytest.param(lambda issuer: issuer.token(scope="echo", lifetime=-60), id="expired"),
        pytest.param(lambda issuer: issuer.token(scope="echo", nbf=time.time() + 600), id="not yet valid"),
        pytest.param(lambda issuer: issuer.token(scope="echo", iss="https://evil.test"), id="other issuer"),
        pytest.param(lambda issuer: issuer.token(scope="echo", aud="elsewhere"), id="other audience"),
        pytest.param(lambda issuer: issuer.token(scope="echo", exp=None), id="no expiry"),
        pytest.param(lambda issuer: Issuer().token(scope="echo"), id="another's key under the same id"),
        pytest.param(forged, id="the public key used as a secret"),
        pytest.param(
            lambda issuer: jwt.encode({"iss": issuer.name}, None, algorithm="none", headers={"kid": "key-0"}),
            id="unsigned",
        ),
    ],
)
async def test_a_bad_token_is_refused(echo, served, issuer, make, kind):
    token = make(issuer)
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    assert await code_of(echo, served, metadata, kind=kind) is grpc.StatusCode.UNAUTHENTICATED
    assert echo.seen == []


async def test_a_method_needs_its_scope(echo, served, issuer):
    assert await code_of(echo, served, issuer.metadata(scope="other")) is grpc.StatusCode.PERMISSION_DENIED
    echo_only = issuer.metadata(scope="echo")
    assert await code_of(echo, served, echo_only, kind="StreamUnary") is grpc.StatusCode.PERMISSION_DENIED
    await echo.call(served.channel, metadata=issuer.metadata(scope="echo.admin"), kind="StreamUnary")


async def test_scopes_may_be_a_list_too(echo, served, issuer):
    token = issuer.token(scope=None, scp=["echo"])
    await echo.call(served.channel, metadata=(("authorization", f"bearer {token}"),))


async def test_probes_need_no_token(served):
    answer = await health_pb2_grpc.HealthStub(served.channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_the_callers_token_goes_along_to_peers_and_not_to_strangers(echo, issuer, tmp_path):
    settings = test_settings(auth=issuer.settings(tmp_path))
    async with serving(echo.register, echo.name, settings=settings) as back:
        peers = {}

        async def behaviour(request):
            answer = await echo.call(peers["friend"], request)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await echo.call(peers["stranger"], request)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
            return answer

        front = type(echo)()
        front.behaviour = behaviour

        def register(server, runtime):
            peers["friend"] = runtime.channel(back.address)
            peers["stranger"] = runtime.channel(back.address, forward_identity=False)
            front.register(server, runtime)

        async with serving(register, echo.name, settings=settings) as served:
            await front.call(served.channel, metadata=issuer.metadata("acme", "echo"))
    assert echo.seen == ["acme"]


async def test_a_rotated_key_is_followed(echo, issuer, tmp_path):
    settings = test_settings(auth=issuer.settings(tmp_path))
    async with serving(echo.register, echo.name, settings=settings) as served:
        await echo.call(served.channel, metadata=issuer.metadata(scope="echo"))
        issuer.rotate()
        issuer.settings(tmp_path)
        await echo.call(served.channel, metadata=issuer.metadata(scope="echo"))
    assert echo.seen == ["acme", "acme"]


@dataclasses.dataclass
class Published:
    """A JWK set behind a real HTTP server."""

    issuer: Issuer
    fetches: int = 0
    status: int = 200

    def __enter__(self):
        published = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                published.fetches += 1
                self.send_response(published.status)
                self.end_headers()
                self.wfile.write(json.dumps(published.issuer.jwks()).encode())

            def log_message(self, *arguments):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


async def test_keys_from_a_url_are_cached_for_their_lifetime(issuer):
    now = 0.0
    with Published(issuer) as published:
        keys = KeySet(published.url, lifetime=100, clock=lambda: now)
        await keys.load()
        for _ in range(50):
            await keys.key("key-0")
        assert published.fetches == 1
        now = 101.0
        issuer.rotate()
        assert (await keys.key("key-0")).key_id == "key-0"
        assert published.fetches == 1
        async with asyncio.timeout(10):
            while published.fetches < 2:
                await keys.key("key-0")
                await asyncio.sleep(0.01)


async def test_forged_key_ids_cause_no_load_on_the_issuer(issuer):
    now = 0.0
    with Published(issuer) as published:
        keys = KeySet(published.url, lifetime=100, clock=lambda: now)
        await keys.load()
        now = 10.0

        async def refused(number):
            with pytest.raises(Unauthenticated):
                await keys.key(f"forged-{number}")

        await asyncio.gather(*(refused(number) for number in range(50)))
        assert published.fetches == 2
        issuer.rotate()
        now = 20.0
        assert (await keys.key("key-1")).key_id == "key-1"


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # urllib leaves the error's body to the collector
async def test_known_keys_outlast_an_outage_of_the_issuer(issuer):
    now = 0.0
    with Published(issuer) as published:
        keys = KeySet(published.url, lifetime=100, clock=lambda: now)
        await keys.load()
        published.status = 500
        now = 200.0
        assert (await keys.key("key-0")).key_id == "key-0"


@pytest.mark.parametrize("content", [None, "not json", "[]", "{}"])
async def test_unreadable_keys_end_the_start_with_the_hint(echo, tmp_path, content):
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_text(content)
    auth = AuthSettings(mode="jwt", issuer="i", audience="a", jwks=str(path))
    with pytest.raises(StartError, match="LANGDESIGN_AUTH_JWKS"):
        async with serving(echo.register, echo.name, settings=test_settings(auth=auth)):
            pass
