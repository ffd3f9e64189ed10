"""Kernels kept on disk: a mechanism of thousands of species is ordered once on a machine.

They lie where compiled kernels do (research.kernel_cache), in a folder of the layout's version, under the digest of mechanism and
held species. What cannot be written is not kept; what cannot be read is made anew.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from research.kernel_cache import cache_folder
from standards.whole_files import taking_place

LAYOUT = 2
"""Version of what is kept: raise it with every change of the order or of the lists."""
Lists = list[np.ndarray]


def folder() -> Path | None:
    """Give the folder of kept kernels, None where there can be none."""
    return cache_folder(f"lists-{LAYOUT}")


def key_of(digest: str, held: tuple[str, ...]) -> str:
    """Give the name under which a kernel is kept."""
    return hashlib.sha256("\n".join((str(LAYOUT), digest, *held)).encode()).hexdigest()


def fetch(key: str) -> Lists | None:
    """Give the lists that are kept under a name, None where there are none or they are damaged."""
    if (place := folder()) is None:
        return None
    try:
        with np.load(place / f"{key}.npz", allow_pickle=False) as file:
            return [file[f"a{i}"] for i in range(len(file.files))]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def keep(key: str, lists: Lists) -> bool:
    """Keep lists under a name, whole or not at all; returns whether that was possible."""
    if (place := folder()) is None:
        return False
    try:
        with taking_place(place / f"{key}.npz") as draft, open(draft, "wb") as file:
            np.savez(file, **{f"a{i}": each for i, each in enumerate(lists)})
    except OSError:
        return False
    return True
