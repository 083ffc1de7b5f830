"""JSON for the branch's own systems, below /api/v1."""

from console.api.door import Api, routes

__all__ = ["Api", "routes"]
