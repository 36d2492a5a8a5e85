from typing import ClassVar

import pytest
from langdesign_chassis import ChassisSettings
from langdesign_chassis.declaring import SecretStr, Settings
from langdesign_chassis.environment import describe, load
from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import TelemetrySettings


def test_groups_read_their_variables(monkeypatch):
    monkeypatch.setenv("LANGDESIGN_LIMITS_CONCURRENCY", "7")
    monkeypatch.setenv("LANGDESIGN_KEEPALIVE_MAX_CONNECTION_AGE", "9")
    settings = load(ChassisSettings)
    assert settings.limits.concurrency == 7
    assert settings.keepalive.max_connection_age == 9


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LANGDESIGN_LIMITS_CONCURRENCY": "many"}, "LANGDESIGN_LIMITS_CONCURRENCY"),
        ({"LANGDESIGN_LIMITS_CONCURENCY": "7"}, "LANGDESIGN_LIMITS_CONCURENCY"),
        ({"LANGDESIGN_LISTEN": "nowhere"}, "write host:port"),
        ({"LANGDESIGN_TELEMETRY_METRICS": "foo"}, "LANGDESIGN_TELEMETRY_METRICS: 'foo' is not an address"),
        ({"LANGDESIGN_LISTEN": "127.0.0.1:64999"}, "leaves no port for the metrics page"),
        ({"LANGDESIGN_LISTEN": "0.0.0.0:7004"}, "auth_mode=jwt"),
        ({"LANGDESIGN_LISTEN": "example.test:7004"}, "auth_mode=jwt"),
        ({"LANGDESIGN_AUTH_JWKS": "http://issuer.test/jwks"}, "give an https URL or a file"),
        ({"LANGDESIGN_AUTH_MODE": "jwt"}, "issuer, audience, jwks"),
        ({"LANGDESIGN_AUTH_ALGORITHMS": "ES256,HS256"}, "algorithms HS256: choose among ES256"),
        ({"LANGDESIGN_AUTH_ALGORITHMS": "none"}, "algorithms none"),
        ({"LANGDESIGN_TLS_CERTIFICATE": "/nowhere.pem"}, "certificate and key go together"),
        ({"LANGDESIGN_TLS_CA": "/nowhere.pem"}, "is not a file"),
    ],
)
def test_a_wrong_setting_names_its_variable_and_the_hint(monkeypatch, variables, named):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartError) as caught:
        load(ChassisSettings)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("listen", ["127.0.0.1:7004", "localhost:7004", "[::1]:7004"])
def test_authentication_may_be_off_on_loopback(listen):
    assert ChassisSettings(listen=listen).auth.mode == "off"


def test_authentication_lets_a_service_listen_everywhere():
    auth = {"mode": "jwt", "issuer": "i", "audience": "a", "jwks": "keys.json"}
    assert ChassisSettings(listen="0.0.0.0:7004", auth=auth).listen == "0.0.0.0:7004"


@pytest.mark.parametrize(
    ("listen", "metrics", "address"),
    [
        ("127.0.0.1:7004", None, ("127.0.0.1", 9004)),
        ("127.0.0.1:0", None, ("127.0.0.1", 0)),
        ("127.0.0.1:7004", "0.0.0.0:1", ("0.0.0.0", 1)),
        ("127.0.0.1:7004", "off", None),
    ],
)
def test_the_metrics_page_has_its_own_address(listen, metrics, address):
    settings = ChassisSettings(listen=listen, telemetry=TelemetrySettings(metrics=metrics))
    assert settings.metrics_address == address


class Own(Settings, frozen=True):
    env_prefix: ClassVar[str] = "ECHO_"

    token: SecretStr = SecretStr("hunter2")
    """Token of the echo."""


@pytest.mark.parametrize(
    ("kind", "misspelt", "meant"),
    [
        (ChassisSettings, "LANGDESIGN_LIMIT_RATE", "LANGDESIGN_LIMITS_RATE"),
        (ChassisSettings, "LANGDESIGN_LISTEM", "LANGDESIGN_LISTEN"),
        (Own, "ECHO_TOKENS", "ECHO_TOKEN"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_nearest_name(monkeypatch, kind, misspelt, meant):
    monkeypatch.setenv(misspelt, "3")
    with pytest.raises(StartError, match=f"{misspelt} is no setting.*did you mean {meant}\\?"):
        load(kind)


def test_peers_addresses_and_the_clients_settings_are_no_misspelt_ones(monkeypatch):
    for name in ("ECHO_ADDR", "LANGDESIGN_CLIENT_ADDR", "LANGDESIGN_TEST_DEVICE"):
        monkeypatch.setenv(name, "127.0.0.1:1")
    monkeypatch.setenv("LANGDESIGN_LIMITS", '{"rate": 3}')
    load(Own)
    assert load(ChassisSettings).limits.rate == 3


def test_credentials_inside_urls_are_masked_too():
    telemetry = TelemetrySettings(otlp="http://key:hun/ter2@collector:4317")
    shown = "\n".join(describe(ChassisSettings(telemetry=telemetry)))
    assert "http://********@collector:4317" in shown


def test_every_setting_is_shown_with_its_variable_and_meaning_and_secrets_masked():
    telemetry = TelemetrySettings(otlp_headers=SecretStr("key=hunter2"))
    lines = [*describe(ChassisSettings(telemetry=telemetry)), *describe(Own())]
    assert all(" # " in line for line in lines)
    assert any(line.startswith("LANGDESIGN_LIMITS_CONCURRENCY=64 ") for line in lines)
    assert "ECHO_TOKEN=********  # Token of the echo." in lines
    assert "hunter2" not in "\n".join(lines)


def test_what_is_shown_can_be_set(monkeypatch):
    names = [line.split("=", 1)[0] for line in describe(ChassisSettings())]
    assert len(set(names)) == len(names)
    numbers = [name for name in names if name.startswith(("LANGDESIGN_DRAIN", "LANGDESIGN_KEEPALIVE"))]
    for name in numbers:
        monkeypatch.setenv(name, "3.5")
    settings = load(ChassisSettings)
    shown = dict(line.split("  # ")[0].split("=", 1) for line in describe(settings))
    assert {shown[name] for name in numbers} == {"3.5"}
