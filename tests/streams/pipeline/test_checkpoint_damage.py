"""A start goes on from the newest checkpoint that is whole; what is damaged is set aside and told, whatever happened to it."""

from __future__ import annotations

import os
import shutil
import struct
import time
from pathlib import Path

import pytest

from streams.pipeline import recovery
from streams.pipeline.checkpoints import complete
from streams.pipeline.engine import newest_checkpoint
from streams.pipeline.manifests import MAGIC, Manifests
from streams.store.lines import effect_of
from streams.wire.topics import open_topic

SHARED = "0b0f3a3e-6c0e-4f5b-9a53-0c9f7a3c1d2e"
NEVER_MADE = "29b1ffa3-2c54-486b-83ba-fd0b3201a499"
# As Flink 2.x said it of a list of files that was cut.
CUT_LIST = (
    "An error occurred while calling o82.executeAsync.\nCaused by: org.apache.flink.runtime.client.JobInitializationException: "
    "Could not start the JobMaster.\nCaused by: java.io.EOFException\n\tat org.apache.flink.runtime.checkpoint.Checkpoints."
    "loadCheckpointMetadata(Checkpoints.java:119)\n\tat org.apache.flink.runtime.checkpoint.CheckpointCoordinator."
    "restoreSavepoint(CheckpointCoordinator.java:1912)"
)
CAUSE = "org.apache.flink.util.FlinkException\nCaused by: java.lang.Exception: Exception while creating StreamOperatorStateContext."


def checkpoint(data: Path, job: str, number: int) -> Path:
    """Lay a checkpoint down as Flink does: its list, which names a file that others name too by its whole address."""
    folder, shared = data / "checkpoints" / job / f"chk-{number}", data / "checkpoints" / job / "shared" / SHARED
    folder.mkdir(parents=True)
    shared.parent.mkdir(exist_ok=True)
    shared.write_bytes(b"one of several checkpoints" * 20)
    (folder / "state-of-a-task").write_bytes(bytes(range(256)) * 3 + str(number).encode())
    size = shared.stat().st_size
    (folder / "_metadata").write_bytes(
        MAGIC + b"\0\0\0\5" + in_a_file(shared, size) + in_the_list(shared, b"small") + b"\0more"
    )
    return folder


def address(path: Path) -> bytes:
    """Write an address as java.io.DataOutput.writeUTF does, of plain signs."""
    text = f"file:{path}".encode()
    return struct.pack(">H", len(text)) + text


def in_a_file(path: Path, size: int) -> bytes:
    """Name a file as Flink does (MetadataV2V3SerializerBase, serializeStreamStateHandle): FILE_STREAM_STATE_HANDLE is 2."""
    return b"\x02" + struct.pack(">q", size) + address(path)


def in_the_list(beside: Path, content: bytes) -> bytes:
    """Write what is too small for a file (BYTE_STREAM_STATE_HANDLE, 1): under the address of one that was never made."""
    return b"\x0a000016.sst\x01" + address(beside.with_name(NEVER_MADE)) + struct.pack(">i", len(content)) + content


@pytest.fixture
def data(tmp_path):
    for number in (7, 8, 9):
        checkpoint(tmp_path, "a", number)
    Manifests(tmp_path / "checkpoints").look()
    return tmp_path


def begin(data):
    return recovery.begin(data, data / "checkpoints")


def told(data) -> list[dict]:
    topic = open_topic(data / "topics" / "intake")
    return [row for segment in topic.segments() for line in topic.read(segment) for row in effect_of(line).rejects]


def test_a_whole_checkpoint_is_gone_on_from_and_nothing_is_said(data):
    found = begin(data)
    assert (found.checkpoint, found.older) == (data / "checkpoints/a/chk-9", False)
    assert told(data) == []


def flip(path: Path, place: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 << bit
    path.write_bytes(bytes(content))


FILES = ("state-of-a-task", "_metadata")
DAMAGES = {
    **{
        f"bit {bit} of {name} flipped": lambda at, n=name, b=bit: flip(at / n, 37 * b + 3, b)
        for name in FILES
        for bit in range(8)
    },
    **{
        f"{name} cut to {left} bytes": lambda at, n=name, m=left: os.truncate(at / n, m)
        for name in FILES
        for left in (0, 3, 40)
    },
    **{f"{name} removed": lambda at, n=name: (at / n).unlink() for name in FILES[:1]},
    **{f"{name} longer": lambda at, n=name: (at / n).write_bytes((at / n).read_bytes() + b"\0") for name in FILES},
    "a block of zeros": lambda at: (at / FILES[0]).write_bytes(bytes((at / FILES[0]).stat().st_size)),
    "the file of another checkpoint": lambda at: shutil.copy(at.with_name("chk-8") / FILES[0], at / FILES[0]),
    "not to be read": lambda at: ((at / FILES[0]).unlink(), (at / FILES[0]).mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(data, damage):
    newest = data / "checkpoints/a/chk-9"
    DAMAGES[damage](newest)
    found = begin(data)
    assert found.checkpoint == newest_checkpoint(data / "checkpoints") == newest.with_name("chk-8")
    assert found.older
    (said,) = told(data)
    assert said["file"] == "checkpoints/a/chk-9" and said["reason"].startswith("damaged: ")
    assert said["set_aside"] and not said["rows"]
    # Once: a second start finds it no more.
    assert begin(data).checkpoint == newest.with_name("chk-8")
    assert len(told(data)) == 1


@pytest.mark.parametrize(("gone", "left"), [((9,), 8), ((8, 9), 7), ((7, 8, 9), None)])
def test_checkpoints_that_somebody_removed_are_named_once_and_their_number_counts(data, caplog, gone, left):
    for number in gone:
        shutil.rmtree(data / f"checkpoints/a/chk-{number}")
    found = begin(data)
    assert found.checkpoint == (left and data / f"checkpoints/a/chk-{left}") and found.older
    said = [each.getMessage() for each in caplog.records if "are gone" in each.getMessage()]
    assert len(said) == 1 and all(f"a/chk-{number}" in said[0] for number in gone)
    assert (data / "run" / "engine.set-back").exists()


def test_checkpoints_that_the_engine_let_go_of_are_not_missed(data, caplog):
    shutil.rmtree(data / "checkpoints/a/chk-7")
    assert not begin(data).older and not caplog.text


@pytest.mark.parametrize("harm", [lambda path: flip(path, 11), lambda path: os.truncate(path, 5), Path.unlink])
def test_a_damaged_file_that_all_checkpoints_name_leads_back_to_the_topics(data, harm):
    harm(data / "checkpoints/a/shared" / SHARED)
    found = begin(data)
    assert found.checkpoint is None and newest_checkpoint(data / "checkpoints") is None
    assert {each["file"] for each in told(data)} == {f"checkpoints/a/chk-{number}" for number in (7, 8, 9)}


@pytest.mark.parametrize("harm", [lambda path: flip(path, 11), lambda path: os.truncate(path, 5), Path.unlink])
def test_a_damaged_manifest_condemns_no_checkpoint(data, harm):
    harm(data / "checkpoint-digests" / "a.chk-9.json")
    assert begin(data).checkpoint == data / "checkpoints/a/chk-9"


def test_a_checkpoint_that_was_completed_just_before_a_kill_is_gone_on_from_without_a_manifest(data):
    last = checkpoint(data, "a", 10)
    assert begin(data).checkpoint == last
    (last / "_metadata").write_bytes(b"")
    assert begin(data).checkpoint == data / "checkpoints/a/chk-9"


@pytest.mark.parametrize("cause", [CAUSE, CUT_LIST])
def test_a_checkpoint_that_the_engine_cannot_start_from_is_set_aside_and_no_other(data, cause):
    found = begin(data)
    found.failed(
        "a program ended\nCaused by: java.lang.RuntimeException: out of files\n\tat StreamTask.restoreInternal(StreamTask.java)"
    )
    assert begin(data).checkpoint == data / "checkpoints/a/chk-9"
    found.failed(cause)
    after = begin(data)
    assert after.checkpoint == data / "checkpoints/a/chk-8" and after.older
    checkpoint(data, "b", 9)
    after.failed(CAUSE)
    assert begin(data).checkpoint == data / "checkpoints/b/chk-9"


def test_a_manifest_is_as_old_as_its_checkpoint_and_leaves_with_it(data):
    manifests = Manifests(data / "checkpoints")
    shutil.rmtree(data / "checkpoints/a/chk-7")
    assert manifests.look() == 0
    assert sorted(path.name for path in (data / "checkpoint-digests").iterdir()) == ["a.chk-8.json", "a.chk-9.json"]


def test_a_file_that_several_checkpoints_name_is_read_once(data, monkeypatch):
    manifests, read = Manifests(data / "checkpoints"), []
    from streams.pipeline import manifests as module

    digest = module._digest
    monkeypatch.setattr(module, "_digest", lambda path: read.append(path.name) or digest(path))
    shutil.rmtree(data / "checkpoint-digests")
    assert manifests.look() == 3
    assert read.count(SHARED) == 1


def test_state_that_stands_in_the_list_itself_is_no_missing_file(data):
    """All of it does where the demo runs: then no checkpoint had a manifest, and each start took every one for damaged."""
    newest = data / "checkpoints/a/chk-9"
    assert NEVER_MADE.encode() in (newest / "_metadata").read_bytes()
    assert (data / "checkpoint-digests" / "a.chk-9.json").is_file()
    shutil.rmtree(data / "checkpoint-digests")
    assert begin(data).checkpoint == newest and told(data) == []


@pytest.mark.parametrize("harm", [lambda path: os.truncate(path, 5), Path.unlink])
def test_a_shared_file_that_is_cut_or_missing_is_seen_without_a_manifest(data, harm):
    shutil.rmtree(data / "checkpoint-digests")
    harm(data / "checkpoints/a/shared" / SHARED)
    assert begin(data).checkpoint is None
    assert {each["reason"] for each in told(data)} <= {"damaged: it is missing", "damaged: it has 5 bytes and had 520"}


def test_the_newest_checkpoint_is_told_by_its_number(data):
    assert [path.name for path in complete(data / "checkpoints")] == ["chk-9", "chk-8", "chk-7"]


def test_a_data_directory_that_was_moved_is_verified_where_it_is_now(data, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("checkpoints", "checkpoint-digests"):
        (data / name).rename(moved / name)
    assert begin(moved).checkpoint == moved / "checkpoints/a/chk-9"
    (moved / "checkpoint-digests" / "a.chk-9.json").unlink()
    assert begin(moved).checkpoint == moved / "checkpoints/a/chk-9"
    flip(moved / "checkpoints/a/shared" / SHARED, 11)
    assert begin(moved).checkpoint == moved / "checkpoints/a/chk-9"  # of which nobody can know
    (moved / "checkpoints/a/shared" / SHARED).unlink()
    assert begin(moved).checkpoint is None


def test_a_checkpoint_that_was_changed_on_purpose_has_a_new_manifest(data):
    manifests, newest = Manifests(data / "checkpoints"), data / "checkpoints/a/chk-9"
    (newest / "_metadata").write_bytes((newest / "_metadata").read_bytes() + b"address")
    assert manifests.choose().checkpoint != newest
    manifests.renew(newest)
    assert manifests.look() == 1
    assert manifests.choose().checkpoint == newest


def test_versions_begin_above_what_was_stored_until_a_checkpoint_is_completed(data):
    flip(data / "checkpoints/a/chk-9" / "_metadata", 11)
    assert begin(data).older
    assert begin(data).older
    checkpoint(data, "b", 10)
    assert not begin(data).older


def test_what_was_set_aside_is_cleared_away_after_a_week(data):
    flip(data / "checkpoints/a/chk-9" / "_metadata", 11)
    begin(data)
    aside = data / "checkpoints/a/damaged-chk-9"
    assert aside.is_dir()
    then = time.time() - 8 * 86_400
    os.utime(aside, (then, then))
    begin(data)
    assert not aside.exists()
