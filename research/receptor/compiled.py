"""The kernels of the receptor model, compiled at their first call and kept."""

from __future__ import annotations

from pathlib import Path

from research.kernel_cache import compiler

SOURCES = tuple(Path(__file__).parent / name for name in ("compiled.py", "lanes.py", "rows.py", "kernels.py"))
"""The files whose content a compiled kernel depends on."""
COLD_S = 20
"""About how long all of them take to compile, in CPU seconds of a core."""
_LOOSE = {"contract", "reassoc", "nsz"}
"""Sums may be taken in another order, which makes them vectors; what is not finite is not assumed away."""

compiled = compiler(SOURCES, fastmath=_LOOSE)
