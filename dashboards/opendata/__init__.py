"""Open data: what the store holds, for programs: JSON below /api/v1, files of months below /data, feeds."""

from dashboards.opendata.routes import blueprint

__all__ = ["blueprint"]
