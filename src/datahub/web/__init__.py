"""The HTTP floor: FastAPI routers, server-rendered pages, templates and static files."""

from datahub.web.app import create_app

__all__ = ["create_app"]
