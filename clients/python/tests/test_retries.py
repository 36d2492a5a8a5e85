"""Calls that carry a picture are retried like every other call."""

import grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_client import AsyncClient, Connection, segments


class DownOnce(segmentation_pb2_grpc.SegmentationServiceServicer):
    def __init__(self):
        self.sizes = []

    async def Segment(self, request, context):
        self.sizes.append(len(request.image.data))
        if len(self.sizes) == 1:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "going down")
        return segmentation_pb2.SegmentResponse(width=1, height=1)


async def test_a_call_of_one_mebibyte_is_retried(serve, picture):
    servicer = DownOnce()
    address = await serve(
        lambda server: segmentation_pb2_grpc.add_SegmentationServiceServicer_to_server(servicer, server)
    )
    large = picture + bytes(1024 * 1024 - len(picture))

    async with AsyncClient(Connection(addresses={"segmentation": address})) as client:
        await client.call(segments.segment(large, ["the chair"]))

    assert servicer.sizes == [len(large)] * 2
