"""The portal's server: granian runs this module's application in a worker, with what the command line said."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

OPTIONS = "AIRSHED_PORTAL"
"""The environment's name for what the command line said, for the worker."""
THREADS = 8
WAIT_S = 0.4
"""So long a look at the store waits for a writer's lock [s]: an answer takes three looks at most, and words within two seconds."""
VIEWERS = 4096
"""Connections that are held and that wait: two for each of 2,000 viewers."""
HEADERS_WITHIN_MS = 10_000
"""A client that has not sent its headers by then is let go."""
LOG = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"_granian": {"handlers": ["out"], "level": "WARNING", "propagate": False}},
}  # fmt: skip


def load() -> Any:
    """Build the application in the worker; the process that only watches the worker needs nothing of it."""
    from dashboards.app import create_portal
    from dashboards.context import Context
    from dashboards.office.records import office_url
    from dashboards.outside import proxies_of, public_url_of
    from standards import logged
    from streams import registry
    from streams.store import open_store
    from streams.store.reasons import told_in

    logged.begin(os.environ, sys.stderr, told_in)
    options = json.loads(os.environ[OPTIONS])
    folder, models = (Path(options[name]) if options.get(name) else None for name in ("folder", "models"))
    return create_portal(
        Context(
            lambda: open_store(options["store"], create=False, wait_s=WAIT_S),
            registry.load(options["registry"]),
            models=models,
            folder=folder,
            office=office_url(folder, options["store"], options.get("office")),
            public_url=public_url_of(os.environ),
            proxies=proxies_of(os.environ),
        )
    )


def serve(options: Mapping[str, Any]) -> None:
    """Serve until stopped. options: store, host, port, registry, models, folder, office."""
    os.environ[OPTIONS] = json.dumps(dict(options))
    server = Granian(
        "dashboards.serving", address=options["host"], port=options["port"], interface=Interfaces.WSGI, workers=1,
        blocking_threads=THREADS, backlog=VIEWERS, backpressure=VIEWERS, websockets=False, log_dictconfig=LOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS), respawn_failed_workers=True,
    )  # fmt: skip
    server.serve(target_loader=load, wrap_loader=False)
