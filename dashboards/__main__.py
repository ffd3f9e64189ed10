"""Serve the portal: `python -m dashboards --store sqlite:///air.db --port 8050`."""

from __future__ import annotations

import argparse

from dashboards.serving import serve


def main() -> None:
    """Read the command line and serve until stopped. The store may come later: the page waits for it."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Serve the portal on a store.")
    parser.add_argument("--store", required=True, help="URL of the store, for instance sqlite:///air.db")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8050)
    parser.add_argument("--registry", help="folder with a user's own cities.csv, stations.csv, cities.geojson")
    parser.add_argument("--models", help="folder of the registry of models")
    parser.add_argument("--folder", help="the portal's own folder: its secret, and the pages that are made ahead")
    parser.add_argument(
        "--office", help="URL of the office's database (default: beside a PostgreSQL store, else in the folder)"
    )
    parser.add_argument("--platform", help="the card on which the platform says what it has to do without")
    serve(vars(parser.parse_args()))


if __name__ == "__main__":
    main()
