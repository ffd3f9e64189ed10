"""Serve the portal: `python -m dashboards --store sqlite:///air.db --port 8050`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import waitress

from dashboards.app import create_app
from dashboards.context import Context
from streams import registry
from streams.store import open_store

THREADS = 8


def main() -> None:
    """Read the command line and serve until stopped. The store may come later: the page waits for it."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Serve the portal on a store.")
    parser.add_argument("--store", required=True, help="URL of the store, for instance sqlite:///air.db")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8050)
    parser.add_argument("--registry", help="folder with a user's own cities.csv, stations.csv, cities.geojson")
    parser.add_argument("--models", type=Path, help="folder of the registry of models")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    context = Context(
        lambda: open_store(options.store, create=False), registry.load(options.registry), models=options.models
    )
    waitress.serve(create_app(context).server, host=options.host, port=options.port, threads=THREADS)


if __name__ == "__main__":
    main()
