"""The public client and the services call with the same channel options."""

import json

from langdesign_chassis import channels
from langdesign_chassis.settings import KeepaliveSettings
from langdesign_client.connection import CHANNEL_OPTIONS


def readable(options):
    told = dict(options)
    return told | {"grpc.service_config": json.loads(told["grpc.service_config"])}


def test_the_client_and_the_services_share_their_channel_options():
    assert readable(CHANNEL_OPTIONS) == readable(channels._options(KeepaliveSettings()))
