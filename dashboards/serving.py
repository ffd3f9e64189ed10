"""The portal's server: granian runs this module's application in a worker, with what the command line said.

Slow clients cost no thread and little memory: headers and bodies are waited for by the server's loop, for a time; answers leave
through it; a client that takes nothing of its answer is let go by the kernel.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketSpec

from standards.temporary import own_folder

OPTIONS = "AIRSHED_PORTAL"
"""The environment's name for what the command line said, for the worker."""
WAIT_S = 0.4
"""So long a look at the store waits for a writer's lock [s]: an answer takes three looks at most, and words within two seconds."""
VIEWERS = 4096
"""Connections that are held and that wait: two for each of 2,000 viewers."""
HEADERS_WITHIN_MS = 10_000
"""A client that has not sent its headers by then is let go."""
TAKEN_WITHIN_MS = 30_000
"""A client that has taken nothing of its answer for so long is let go (RFC 5482)."""
ENDED_WITHIN_S = 5
"""So long open connections are waited for when the portal is to end."""
LOG = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"_granian": {"handlers": ["out"], "level": "WARNING", "propagate": False}},
}  # fmt: skip


def load() -> Any:
    """Build the application in the worker; the process that only watches the worker needs nothing of it."""
    from dashboards.answers import LARGEST_POST
    from dashboards.app import create_portal
    from dashboards.buffered import Buffered
    from dashboards.context import Context
    from dashboards.folder import SPOOL
    from dashboards.office.records import office_url
    from dashboards.outside import proxies_of, public_url_of
    from dashboards.snapshots.front import SAFE
    from dashboards.spool import Spool
    from standards import logged
    from streams.registry.kept import load_or_kept
    from streams.store import open_store
    from streams.store.reasons import told_in

    logged.begin(os.environ, sys.stderr, told_in)
    options = json.loads(os.environ[OPTIONS])
    folder, models, platform = (
        Path(options[name]) if options.get(name) else None for name in ("folder", "models", "platform")
    )
    portal = create_portal(
        Context(
            lambda: open_store(options["store"], create=False, wait_s=WAIT_S),
            load_or_kept(options["registry"]),
            models=models,
            folder=folder,
            office=office_url(folder, options["store"], options.get("office")),
            public_url=public_url_of(os.environ),
            proxies=proxies_of(os.environ),
            platform=platform,
        )
    )
    spool = Spool(folder / SPOOL if folder else own_folder("spool"))
    return Buffered(portal, spool, LARGEST_POST, always=SAFE)


class Server(Granian):
    """Granian whose connections end when a client takes nothing of its answer."""

    def _init_shared_socket(self) -> None:
        """Make the listening socket here: what is set on it holds for every connection (Linux), and it outlives a worker."""
        self._ssp, self._shd = None, SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._sso = socket.socket(fileno=os.dup(self._sfd))
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            self._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKEN_WITHIN_MS)


def serve(options: Mapping[str, Any]) -> None:
    """Serve until stopped. options: store, host, port, registry, models, folder, office, platform."""
    os.environ[OPTIONS] = json.dumps(dict(options))
    server = Server(
        "dashboards.serving", address=options["host"], port=options["port"], interface=Interfaces.RSGI, workers=1,
        http=HTTPModes.http1, backlog=VIEWERS, backpressure=VIEWERS, websockets=False, log_dictconfig=LOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS), respawn_failed_workers=True,
        workers_kill_timeout=ENDED_WITHIN_S,
    )  # fmt: skip
    server.serve(target_loader=load, wrap_loader=False)
