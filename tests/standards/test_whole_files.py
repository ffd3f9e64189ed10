"""A file that is written whole is there as it is to be or as it was, whatever goes wrong; and that is done in one place."""

from __future__ import annotations

import ast
import errno
import hashlib
import os
from pathlib import Path

import pytest

from standards.whole_files import naming_where_full, sha256_of, taking_place, write_whole
from tests.test_import_law import ROOT, module_name, sources


@pytest.mark.parametrize("synced", [True, False])
@pytest.mark.parametrize("draft", ["", ".half"])
def test_the_new_content_takes_the_place_of_the_old_and_nothing_else_stays(tmp_path, synced, draft) -> None:
    path = tmp_path / ("x" * 250)  # near the longest name that a file system takes
    for content in (b"one", b"another"):
        write_whole(path, content, synced=synced, draft=draft)
        assert path.read_bytes() == content and [*tmp_path.iterdir()] == [path]


def test_what_was_there_stays_where_writing_fails(tmp_path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError), taking_place(path) as draft:
        draft.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"before" and [*tmp_path.iterdir()] == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as raised:
        write_whole(path, b"new", synced=True)
    assert raised.value.filename == str(path), "the system names no path where a write fails"
    assert path.read_bytes() == b"before" and [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("names", "named"),
    [((), "target"), (("draft",), "target"), (("source", None, "draft/a"), "target"), (("elsewhere",), "elsewhere")],
)
def test_a_full_disk_names_what_was_to_be_written(names, named) -> None:
    with pytest.raises(OSError) as raised, naming_where_full(Path("target"), draft=Path("draft")):
        raise OSError(errno.ENOSPC, "No space left on device", *names)
    assert (raised.value.filename, raised.value.filename2) == (named, None)


def test_another_error_of_the_system_keeps_its_path() -> None:
    with pytest.raises(OSError) as raised, naming_where_full(Path("target")):
        raise OSError(errno.EIO, "Input/output error")
    assert raised.value.filename is None


def test_synced_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch) -> None:
    happened = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (happened.append("synced"), sync(handle)))
    monkeypatch.setattr(os, "replace", lambda a, b: (happened.append("placed"), replace(a, b)))
    write_whole(tmp_path / "a", b"x", synced=True)
    write_whole(tmp_path / "b", b"x", synced=False)
    assert happened == ["synced", "placed", "placed"]


def test_the_digest_is_that_of_sha256sum(tmp_path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    # FIPS 180-2, B.1: the digest of "abc".
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(path) == known == hashlib.sha256(b"abc").hexdigest()
    with path.open("rb") as file:
        assert sha256_of(file) == known


OTHERWISE = {
    "dashboards.folder": "a secret: whoever comes first, by a link",
    "dashboards.opendata.files": "a file that is named by what it holds, and so written before it has a name",
    "infra.backup": "a folder",
    "infra.running": "a note that is written in place where a full disk takes no draft",
    "infra.restore": "a folder",
    "research.virtual_airshed.inventory_files": "a folder",
    "research.virtual_airshed.past.making": "a folder",
    "research.virtual_airshed.truth_files": "a file that grows for hours",
    "standards.temporary": "a folder",
    "streams.wire.mended": "a note beside segments, as these are written",
    "standards.whole_files": "the place itself",
    "streams.history.runner": "folders, in two steps",
    "streams.pipeline.carrying": "a folder",
    "streams.pipeline.manifests": "a folder that is set aside",
    "streams.store.identity": "a name: whoever comes first, by a link",
    "streams.store.placing": "a database, with what belongs to it",
    "streams.wire.topics": "segments, which never replace one another",
    "dashboards.snapshots.shelf": "a folder",
    "ml.registry.files": "a number that is given once, by a link",
}
"""Modules that put a file or folder in a place by themselves, and why."""


def places(source: str) -> bool:
    """Tell whether a source puts a file in a place: os.replace, os.rename, or the same of a path with one argument."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_os = isinstance(node.func.value, ast.Name) and node.func.value.id == "os"
            plain = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Constant)
            if (node.func.attr in ("replace", "rename") and (of_os or plain)) or (of_os and node.func.attr == "link"):
                return True
    return False


def test_whoever_writes_a_file_whole_does_it_here() -> None:
    by_themselves = {module_name(path, ROOT) for path in sources() if places(path.read_text(encoding="utf-8"))}
    # dataclasses.replace(x) and such have further arguments; so have texts.
    assert by_themselves == set(OTHERWISE)
