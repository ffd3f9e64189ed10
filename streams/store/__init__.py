"""The store: what the engine found out, in SQLite (one machine) or PostgreSQL (a cluster), through the same code."""

from streams.store.connect import StoreError, begin_write, open_store, upgrade

__all__ = ["StoreError", "begin_write", "open_store", "upgrade"]
