"""What code a result came from: digests that change with what is computed, and not with a comment or a line break."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = (".csv", ".toml", ".npz", ".nc", ".json", ".geojson")
NOT_OF_A_RUN = ("report", "live.py", "demo.py", "flag_scores.py", "flag_trial.py", "run_command.py", "__main__.py")
"""Parts of the virtual airshed on which no run depends."""
WORDS = ("texts.toml", "words.py")
"""Parts of the attribution on which no share depends."""
LENGTH = 12


def digest_of(files: Iterable[Path], root: Path) -> str:
    """Give a digest of some files below a root: of Python what it does (comments, docstrings and layout do not count), of
    others their bytes."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(str(path.relative_to(root)).encode() + b"\0")
        whole.update(_code(path.read_text(encoding="utf-8")) if path.suffix == ".py" else path.read_bytes())
        whole.update(b"\0")
    return whole.hexdigest()[:LENGTH]


@lru_cache(maxsize=8)
def nature_revision(root: Path = ROOT) -> str:
    """Give the digest of all that makes a world: nature run, twins, instruments, their tables, and what is kept of them here."""
    airshed, here = root / "research" / "virtual_airshed", root / "research" / "attribution_bench"
    files = [f for f in _all(airshed) if f.relative_to(airshed).parts[0] not in NOT_OF_A_RUN]
    return digest_of([*files, here / "making.py", here / "files_read.py"], root)


def method_digest(root: Path = ROOT) -> str:
    """Give the digest of the method that is judged: ml/attribution with its tables, but for its words."""
    folder = root / "ml" / "attribution"
    return digest_of([f for f in _all(folder) if f.name not in WORDS], root)


def _all(folder: Path) -> list[Path]:
    return [f for f in folder.rglob("*") if f.suffix in (".py", *DATA) and "__pycache__" not in f.parts]


def _code(text: str) -> bytes:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            kept = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
    return ast.dump(tree, include_attributes=False).encode()
