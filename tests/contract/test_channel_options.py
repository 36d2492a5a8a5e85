"""The public client and the services call with the same channel options."""

import json

from langdesign_chassis import channels
from langdesign_chassis.settings import KeepaliveSettings
from langdesign_client import Connection, everywhere


def readable(options):
    told = dict(options)
    return told | {"grpc.service_config": json.loads(told["grpc.service_config"])}


def test_the_client_and_the_services_share_their_channel_options():
    assert readable(Connection().options) == readable(channels._options(KeepaliveSettings()))


def test_a_gateway_which_has_no_health_of_its_own_is_not_asked_for_it():
    of_services, of_gateway = (
        readable(connection.options)
        for connection in (Connection(), Connection(everywhere("127.0.0.1:8080")))
    )
    del of_services["grpc.service_config"]["healthCheckConfig"]
    assert of_gateway == of_services
