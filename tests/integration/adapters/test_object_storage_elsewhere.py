"""The contract of file storages over S3, as moto serves it, and what a storage out of reach means."""

from collections.abc import Iterator

import httpx2
import pytest

pytest.importorskip("obstore", reason="needs obstore (pip install 'multiproduct[files]')")

from obstore.store import from_url
from tests.servers.recipes import ServerUnavailableError
from tests.servers.s3 import s3_server

from multiproduct.adapters.contracts.object_storage import KEY, ObjectStorageContract
from multiproduct.adapters.obstore import ObstoreStorage
from multiproduct.application.files import MAX_OBJECT_BYTES
from multiproduct.domain.shared import Unavailable

BUCKET = "media"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    try:
        with s3_server() as address:
            yield address
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


def reached(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Points the storage's own environment variables at an address."""
    given = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket."""
    httpx2.post(f"{endpoint}/moto-api/reset").raise_for_status()
    httpx2.put(f"{endpoint}/{BUCKET}").raise_for_status()
    reached(monkeypatch, endpoint)
    return f"{endpoint}/{BUCKET}"


class TestOnS3(ObjectStorageContract):
    @pytest.fixture
    def storage(self, bucket: str) -> ObstoreStorage:
        return ObstoreStorage(f"s3://{BUCKET}")


class TestUnderAPrefixOfABucket(ObjectStorageContract):
    @pytest.fixture
    def storage(self, bucket: str) -> ObstoreStorage:
        return ObstoreStorage(f"s3://{BUCKET}/of/multiproduct")


async def test_what_was_put_lies_under_the_prefix_with_its_type_and_strangers_cannot_read_it(
    bucket: str,
) -> None:
    await ObstoreStorage(f"s3://{BUCKET}/of/multiproduct").put(KEY, b"\x00\xff picture")
    whole = from_url(f"s3://{BUCKET}", client_options={"allow_http": True})
    found = await whole.get_async(f"of/multiproduct/{KEY}")
    assert (bytes(await found.bytes_async()), found.attributes["Content-Type"]) == (
        b"\x00\xff picture",
        "image/webp",
    )
    assert httpx2.get(f"{bucket}/of/multiproduct/{KEY}").status_code == 403


async def test_an_object_that_somebody_else_put_is_not_read_if_it_is_too_large(bucket: str) -> None:
    httpx2.put(f"{bucket}/{KEY}", content=b"0" * (MAX_OBJECT_BYTES + 1)).raise_for_status()
    with pytest.raises(ValueError, match="more than"):
        await ObstoreStorage(f"s3://{BUCKET}").get(KEY)


async def test_a_bucket_that_is_not_there_is_unavailable(bucket: str) -> None:
    with pytest.raises(Unavailable):
        await ObstoreStorage("s3://elsewhere").put(KEY, b"1")
