"""What a class of settings takes, and what it says of what it does not."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from langdesign_chassis.declaring import Check, Group, SecretStr, Settings, SettingsError
from langdesign_chassis.environment import describe, load
from langdesign_chassis.errors import StartError
from msgspec import Meta, field


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("give an even number")
    return number


class Voice(Group, frozen=True):
    pitch: Annotated[float, Meta(gt=0)] = 440.0
    """Of the tone, Hz."""
    key: SecretStr | None = None


class EchoSettings(Settings, frozen=True):
    env_prefix: ClassVar[str] = "ECHO_"

    times: Annotated[int, Meta(ge=1, le=9), Check(_even)] = 2
    """How often it answers;
    an even number."""
    late: bool = False
    mood: Literal["calm", "loud"] = "calm"
    folder: Path | None = None
    most: Annotated[int, Meta(ge=1)] | None = None
    place: Annotated[str, Meta(pattern=r"^[a-z]+\Z")] = "berlin"
    peer: str = field(default="127.0.0.1:1", name="PEER_ADDR")
    options: dict[str, Any] = field(default_factory=dict)
    voice: Voice = Voice()

    def check(self) -> None:
        if self.late and self.mood == "loud":
            raise ValueError("nobody wants to be woken: be calm, or early")


@pytest.fixture
def reading(monkeypatch):
    def reading(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load(EchoSettings)

    return reading


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("ECHO_TIMES", " 8 ", "times", 8),
        ("ECHO_LATE", "Yes", "late", True),
        ("ECHO_LATE", "0", "late", False),
        ("ECHO_FOLDER", "null", "folder", Path("null")),
        ("ECHO_MOST", "1_000", "most", 1000),
        ("ECHO_MOST", "64.0", "most", 64),
        ("PEER_ADDR", "there:1", "peer", "there:1"),
        ("ECHO_OPTIONS", '{"a": [1]}', "options", {"a": [1]}),
        ("ECHO_VOICE", '{"pitch": 3}', "voice", Voice(pitch=3.0)),
        ("echo_mood", "loud", "mood", "loud"),
    ],
)
def test_a_text_becomes_what_its_field_is(reading, variable, text, name, value):
    found = getattr(reading(**{variable: text}), name)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("ECHO_TIMES", "10", "give a whole number of at least 1 and at most 9;"),
        ("ECHO_TIMES", "", "give a whole number of at least 1 and at most 9;"),
        ("ECHO_TIMES", "3", "give an even number"),
        ("ECHO_LATE", "perhaps", "give true or false"),
        ("ECHO_MOOD", "angry", "give one of calm, loud"),
        ("ECHO_MOST", "5.5", "give a whole number of at least 1;"),
        ("ECHO_MOST", "null", "give a whole number of at least 1;"),
        ("ECHO_OPTIONS", "{'a'}", "give a JSON object;"),
        ("ECHO_OPTIONS", "[]", "give a JSON object;"),
        ("ECHO_PLACE", "Berlin", r"give a text of the form \^\[a-z\]\+\$;"),
        ("ECHO_VOICE_PITCH", "nan", "give a number above 0;"),
        ("ECHO_VOICE_PITCH", "high", "give a number above 0;"),
        ("ECHO_VOICE", "high", "give a JSON object"),
        ("ECHO_VOICE", '{"pich": 3}', r"pich is no setting, did you mean pitch\?"),
    ],
)
def test_what_a_variable_cannot_be_is_told_without_its_value(reading, variable, text, told):
    with pytest.raises(StartError, match=f"{variable}: {told}"):
        reading(**{variable: text})


def test_a_secret_within_json_is_a_text_too(reading):
    assert reading(ECHO_VOICE='{"key": "hunter2"}').voice.key == SecretStr("hunter2")
    with pytest.raises(StartError, match="ECHO_VOICE_KEY: give a text") as caught:
        reading(ECHO_VOICE='{"key": ["hunter2"]}')
    assert "hunter2" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(reading):
    with pytest.raises(StartError) as caught:
        reading(ECHO_TIMES="many", ECHO_VOICE_PITCH="0", ECHO_VOICE_KEY="hunter2", ECHO_MOODS="calm")
    told = str(caught.value)
    assert all(name in told for name in ("ECHO_TIMES: ", "ECHO_VOICE_PITCH: ", "did you mean ECHO_MOOD?"))
    assert "\n" not in told
    assert "hunter2" not in told


def test_values_that_do_not_go_together_are_told_of_the_whole(reading):
    with pytest.raises(StartError, match="wrong setting: ECHO: nobody wants"):
        reading(ECHO_LATE="1", ECHO_MOOD="loud")


def test_a_variable_of_its_own_comes_before_the_groups(reading):
    voice = reading(ECHO_VOICE='{"pitch": 3, "key": "a"}', ECHO_VOICE_PITCH="4").voice
    assert voice == Voice(pitch=4.0, key=SecretStr("a"))


def test_a_default_of_the_caller_gives_way_to_the_environment(monkeypatch):
    assert load(EchoSettings, times=6).times == 6
    monkeypatch.setenv("ECHO_TIMES", "8")
    assert load(EchoSettings, times=6).times == 8


def test_values_are_checked_without_an_environment_too():
    with pytest.raises(
        SettingsError, match=r"^times: give a whole number of at least 1 and at most 9; voice\.pitch: give"
    ):
        EchoSettings(times=0, voice={"pitch": -1})
    settings = EchoSettings()
    with pytest.raises(AttributeError):
        settings.times = 4


def test_each_setting_is_a_line_with_what_stands_below_it():
    lines = list(describe(EchoSettings(voice=Voice(key=SecretStr("hunter2")))))
    assert "ECHO_TIMES=2  # How often it answers; an even number." in lines
    assert "ECHO_VOICE_PITCH=440.0  # Of the tone, Hz." in lines
    assert "ECHO_VOICE_KEY=********" in lines
    assert "ECHO_FOLDER=" in lines
    assert len(lines) == 10


def test_a_secret_is_shown_by_no_way_of_printing():
    secret = SecretStr("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {Voice(key=secret)!r}"
    assert secret.get_secret_value() == "hunter2"
