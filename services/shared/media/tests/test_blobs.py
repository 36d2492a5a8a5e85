import pytest
from langdesign_media import (
    BlobCorrupt,
    BlobNotFound,
    BlobStore,
    BlobTooLarge,
    BlobUnavailable,
    digest,
)


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return BlobStore.open(str(tmp_path / "blobs") if request.param == "folder" else "memory://")


async def test_bytes_come_back_under_their_digest(store):
    address = await store.put("acme", b"picture")
    assert address == digest(b"picture")
    assert await store.get("acme", address) == b"picture"


async def test_storing_again_changes_nothing(store, tmp_path):
    assert await store.put("acme", b"picture") == await store.put("acme", b"picture")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) <= 1


async def test_a_blob_of_another_tenant_is_not_found(store):
    address = await store.put("acme", b"picture")
    with pytest.raises(BlobNotFound):
        await store.get("other", address)


@pytest.mark.parametrize("tenant", ["..", "../acme", "a/b", "", "ț" * 300])
async def test_any_tenant_name_stays_within_its_own_folder(store, tenant):
    address = await store.put(tenant, b"mine")
    assert await store.get(tenant, address) == b"mine"
    with pytest.raises(BlobNotFound):
        await store.get("acme", address)


@pytest.mark.parametrize(
    "address", ["", "sha256:", "sha256:../../x", "md5:" + "0" * 64, "sha256:" + "A" * 64]
)
async def test_an_address_that_is_none_is_not_found(store, address):
    with pytest.raises(BlobNotFound, match="names no stored blob"):
        await store.get("acme", address)


async def test_bytes_that_changed_on_disk_are_never_returned(tmp_path):
    store = BlobStore.open(str(tmp_path))
    address = await store.put("acme", b"picture")
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(b"another")
    with pytest.raises(BlobCorrupt):
        await store.get("acme", address)
    await store.put("acme", b"picture")
    assert await store.get("acme", address) == b"picture"


async def test_a_blob_above_the_limit_is_refused(store):
    address = await store.put("acme", b"picture")
    with pytest.raises(BlobTooLarge, match="at most 3"):
        await store.get("acme", address, max_bytes=3)


async def test_deleting_is_idempotent_and_within_a_namespace(store):
    address = await store.put("acme", b"picture")
    await store.within("results").put("acme", b"picture")
    for _ in range(2):
        await store.within("results").delete("acme", address)
    assert await store.get("acme", address) == b"picture"


async def test_a_store_that_fails_is_unavailable_without_telling_where_it_is(tmp_path):
    store = BlobStore.open(str(tmp_path / "blobs"))
    (tmp_path / "blobs" / "blobs").write_bytes(b"a file where the store wants a folder")
    with pytest.raises(BlobUnavailable) as caught:
        await store.put("acme", b"picture")
    assert str(tmp_path) not in str(caught.value)
