"""The store: what the engine found out, in SQLite (one machine) or PostgreSQL (a cluster), through the same code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.store.connect import StoreError, begin_write, is_current, open_store, upgrade

if TYPE_CHECKING:
    from streams.store.dataset import open_composition, open_dataset, open_voc

__all__ = [
    "StoreError",
    "begin_write",
    "is_current",
    "open_composition",
    "open_dataset",
    "open_store",
    "open_voc",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    # xarray is loaded for those who ask for a dataset; the materialiser starts faster without it.
    if name in ("open_composition", "open_dataset", "open_voc"):
        from streams.store import dataset

        return getattr(dataset, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
