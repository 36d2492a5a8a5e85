import pytest
from langdesign_chassis.errors import StartError
from langdesign_design.__main__ import main


def test_every_setting_is_listed_with_what_it_is(monkeypatch, capsys):
    monkeypatch.setenv("DESIGN_CONCURRENCY", "7")
    monkeypatch.setenv("EDITING_ADDR", "127.0.0.1:1234")
    monkeypatch.setattr("sys.argv", ["langdesign-design", "--show-settings"])
    main()
    lines = capsys.readouterr().out
    for text in (
        "DESIGN_CONCURRENCY=7",
        "EDITING_ADDR=127.0.0.1:1234",
        "DESIGN_PURGE_DAYS=30",
        "DESIGN_TOKEN",
    ):
        assert text in lines
    assert "LANGDESIGN_LISTEN=127.0.0.1:7005" in lines


async def test_blobs_of_an_unknown_store_end_the_start_in_one_line(stack):
    with pytest.raises(StartError, match=r"DESIGN_BLOBS=s3x://foo .*s3://bucket"):
        async with stack.design("127.0.0.1:1", blobs="s3x://foo"):
            pass


@pytest.mark.parametrize("token", [None, "missing"])
async def test_without_a_token_of_its_own_it_does_not_start_while_authentication_is_on(stack, token):
    stack.authenticated()
    path = token and stack.folder / token
    with pytest.raises(StartError, match="scopes editing, reference, segmentation and tenants"):
        async with stack.design("127.0.0.1:1", token=path):
            pass
