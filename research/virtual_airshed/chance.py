"""Random numbers that depend on a seed and on words alone, so that each thing draws its own and a new one disturbs no other."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, *words: str) -> np.random.Generator:
    """Give the generator of a seed and some words: the same ones give the same numbers, in any order and any process.

    seed: 0 or more. words: what is drawn for, for instance ("noise", "1431A", "16436").
    """
    return np.random.Generator(np.random.PCG64([seed, *(zlib.crc32(word.encode()) for word in words)]))
