"""Promise 18: an edit or a picture of another tenant is NOT_FOUND, on every method of the contract."""

import grpc
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis.testing import Issuer, test_settings
from langdesign_editing.settings import EditingSettings
from langdesign_media import BlobStore

METHODS = {method.name for method in pb.DESCRIPTOR.services_by_name["EditingService"].methods}
NAMES_NOTHING = {"GetServedModels"}
"""Methods whose requests can name nothing of anybody's."""


@pytest.fixture
def cases(ask, box):
    """Requests by method, of an operation and a stored picture."""

    def of(operation, blob):
        image = media_pb2.Image(blob=blob)
        return {
            "Edit": ask("of another's picture", image=image, region=box),
            "PlanEdit": pb.PlanEditRequest(image=image, instruction="make it red", region=box),
            "GetEdit": pb.GetEditRequest(operation_id=operation),
            "WatchEdit": pb.WatchEditRequest(operation_id=operation),
            "CancelEdit": pb.CancelEditRequest(idempotency_key="stop", operation_id=operation),
        }

    return of


async def code_of(stub, method, request, metadata):
    """Returns the code of a call to its end."""
    call = getattr(stub, method)(request, metadata=metadata, timeout=20)
    try:
        if hasattr(call, "read"):
            async for _ in call:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def test_what_belongs_to_another_tenant_is_not_found_on_every_method(
    start, ask, box, photo, tmp_path, cases, figure
):
    issuer = Issuer()
    acme, rival = (issuer.metadata(tenant, "editing") for tenant in ("acme", "rival"))
    blob = await BlobStore.open(str(tmp_path / "blobs")).put("acme", photo)
    settings = EditingSettings(decoders=1, blobs=str(tmp_path / "blobs"))
    async with start(settings=settings, chassis=test_settings(auth=issuer.settings(tmp_path))) as editing:
        operation = (await editing.edit(ask(region=box), metadata=acme))[0].operation_id
        requests = cases(operation, blob)
        assert set(requests) | NAMES_NOTHING == METHODS
        codes = {name: await code_of(editing.stub, name, one, rival) for name, one in requests.items()}
        answered = [name for name, code in codes.items() if code is not grpc.StatusCode.NOT_FOUND]
        figure(
            f"promise 18: another tenant's edit or picture is NOT_FOUND on all but {len(answered)} of "
            f"{len(requests)} methods of editing that name one",
            methods=len(requests),
            open=len(answered),
        )
        assert answered == []
        # The same requests are good ones for whom the things belong to.
        own = [await code_of(editing.stub, name, one, acme) for name, one in requests.items()]
        assert own == [grpc.StatusCode.OK] * len(requests)
