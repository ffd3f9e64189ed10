"""Loads the modules that declare pages as text: every file of dashboards/public and dashboards/wall."""

from __future__ import annotations

import importlib
import pkgutil

PACKAGES = ("dashboards.public", "dashboards.wall")


def load() -> None:
    """Import every module in which pages are declared; again is nothing."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{name}.{module.name}")
