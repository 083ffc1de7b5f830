"""Files that a page makes for staff to keep."""

from starlette.responses import Response


def attached(content: str | bytes, media_type: str, name: str) -> Response:
    """A file to be saved under a name of plain signs."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
