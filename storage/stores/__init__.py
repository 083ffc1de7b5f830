"""Where the sealed bytes of media lie: a folder, or a store that speaks S3."""

from typing import Protocol


class MediaStore(Protocol):
    """Sealed bytes by key. Every method raises StoreUnavailable; what stands under a key is replaced as a whole."""

    async def put(self, key: str, sealed: bytes) -> None:
        """Keep bytes under a key."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The bytes; None where there are none."""
        ...

    async def remove(self, key: str) -> None:
        """Let go of them; that there are none is no error."""
        ...
