"""Media in a store that speaks S3: MinIO, Ceph, the clouds' own. Needs the optional part `s3` of the installation."""

from dataclasses import dataclass, field
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bot.errors import StoreUnavailable

CONNECT, CALL = timedelta(seconds=3), timedelta(seconds=60)
"""How long a connection and a whole call may take; the second is for the largest file on a slow line."""

RETRIES, RETRY_SPAN = 2, timedelta(seconds=20)
"""Tries inside one call: what lasts longer is tried again by those who fetch."""


@dataclass(frozen=True)
class Bucket:
    """A bucket and the key to it. With `host_style` the bucket's name stands in the endpoint's host already."""

    name: str
    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    host_style: bool = False


class ObjectStore:
    """One bucket. What the library says stays unsaid: it may show addresses and answers."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.access_key,
            secret_access_key=bucket.secret_key,
            virtual_hosted_style_request=bucket.host_style,
            disable_bulk_delete=True,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": CALL,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_SPAN},
        )

    async def put(self, key: str, sealed: bytes) -> None:
        """One call, signed over the content."""
        try:
            await obstore.put_async(self._store, key, sealed, use_multipart=False)
        except (BaseError, FileNotFoundError) as error:  # the second: there is no such bucket
            raise _unavailable(error) from None

    async def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _unavailable(error) from None

    async def remove(self, key: str) -> None:
        """Delete the object."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _unavailable(error) from None


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"object store: {type(error).__name__}")
