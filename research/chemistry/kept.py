"""Kernels kept on disk: a mechanism of thousands of species is ordered once on a machine.

They lie in AIRSHED_CACHE, else where the user's caches are (XDG_CACHE_HOME or ~/.cache), in a folder of the layout's version,
under the digest of mechanism and held species. What cannot be written is not kept; what cannot be read is made anew.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np

from standards.whole_files import taking_place

LAYOUT = 2
"""Version of what is kept: raise it with every change of the order or of the lists."""
Lists = list[np.ndarray]


def folder() -> Path:
    """Give the folder of kept kernels."""
    told = os.environ.get("AIRSHED_CACHE")
    base = Path(told) if told else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "airshed"
    return base / f"kernels-{LAYOUT}"


def key_of(digest: str, held: tuple[str, ...]) -> str:
    """Give the name under which a kernel is kept."""
    return hashlib.sha256("\n".join((str(LAYOUT), digest, *held)).encode()).hexdigest()


def fetch(key: str) -> Lists | None:
    """Give the lists that are kept under a name, None where there are none or they are damaged."""
    try:
        with np.load(folder() / f"{key}.npz", allow_pickle=False) as file:
            return [file[f"a{i}"] for i in range(len(file.files))]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def keep(key: str, lists: Lists) -> bool:
    """Keep lists under a name, whole or not at all; returns whether that was possible."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with taking_place(folder() / f"{key}.npz") as draft, open(draft, "wb") as file:
            np.savez(file, **{f"a{i}": each for i, each in enumerate(lists)})
    except OSError:
        return False
    return True
