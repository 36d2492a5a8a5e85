"""The public client and the services call with the same channel options."""

import asyncio
import json

import grpc
from langdesign_chassis import channels
from langdesign_client import Connection, everywhere
from langdesign_segmentation.network import open_client


def readable(options):
    told = dict(options)
    return told | {"grpc.service_config": json.loads(told["grpc.service_config"])}


def test_the_client_and_the_services_share_their_channel_options():
    assert readable(Connection().options) == readable(channels.channel_options())


def test_a_gateway_which_has_no_health_of_its_own_is_not_asked_for_it():
    of_services, of_gateway = (
        readable(connection.options)
        for connection in (Connection(), Connection(everywhere("127.0.0.1:8080")))
    )
    del of_services["grpc.service_config"]["healthCheckConfig"]
    assert of_gateway == of_services


def test_tritons_own_client_opens_a_channel_with_the_options_of_all(monkeypatch):
    """Without them it would ask for the addresses of model servers no more often than every 30 s."""
    opened, given = grpc.aio.insecure_channel, {}

    def insecure_channel(target, options):
        given.update(options)
        return opened(target, options)

    async def open_and_close():
        async with open_client("127.0.0.1:1", channels.channel_options()):
            pass

    monkeypatch.setattr(grpc.aio, "insecure_channel", insecure_channel)
    asyncio.run(open_and_close())
    sizes = {"grpc.max_send_message_length", "grpc.max_receive_message_length"}
    expected = dict(channels.channel_options())
    assert {name: value for name, value in given.items() if name not in sizes} == {
        name: value for name, value in expected.items() if name not in sizes
    }
