"""Under the real engine: kills, a move, a fallback and a restore leave three whole checkpoints and nothing that check would say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from infra.check import check
from infra.datadir import DataDirectory
from streams.pipeline.checkpoints import complete, files_elsewhere, number_of
from streams.pipeline.keeping import RETAINED
from streams.pipeline.manifests import Manifests
from tests.integration.processes import Platform
from tests.integration.test_backup_restored import airshed
from tests.integration.test_engine import SAMPLE, _assert_same, _by_desks, _compounds

pytestmark = pytest.mark.flink


class Fed:
    """A platform that is given one small file after another, and each time a checkpoint."""

    def __init__(self, data: Path, given: list[Path]) -> None:
        self.platform, self.given = Platform(data), given
        self.platform.modules["pipeline"] = "tests.integration.sharing"
        (data / "inbox").mkdir(exist_ok=True)
        self.checkpoints = data / "checkpoints"

    def start(self, *sample: str) -> Fed:
        self.platform.start("ingest", *sample)
        for name in ("pipeline", "store"):
            self.platform.start(name)
        return self

    def newest(self) -> int:
        return max((number_of(each.name) for each in complete(self.checkpoints)), default=-1)

    def feed(self, files: int) -> None:
        for _ in range(files):
            before, first = self.newest(), 10 * len(self.given)
            name = f"c{len(self.given)}.csv"
            made = _compounds(self.platform.data / name, range(first, first + 10), "provisional", 0, 0.5)
            self.given.append(made.rename(self.platform.data / "inbox" / name))
            self.wait(lambda before=before: self.newest() > before, f"no checkpoint after {before}")

    def wait(self, question, what: str, within_s: float = 120.0) -> None:
        end = time.monotonic() + within_s
        while not question():
            assert time.monotonic() < end, f"{what}\n{self.platform.tail('pipeline')}"
            time.sleep(0.2)

    def assert_sound(self, what: str) -> None:
        """Let check say nothing, now and once older ones have left."""
        data = DataDirectory(self.platform.data)

        def faults() -> list[str]:
            return [f"{each.place} {each.what}" for each in check(data, data.store_url).faults]

        assert faults() == [], what
        if self.platform.running:
            self.wait(lambda: len(complete(self.checkpoints)) <= RETAINED, "older checkpoints stay")
        assert faults() == [], what


def test_check_has_nothing_to_say_after_kills_a_move_a_fallback_and_a_restore(tmp_path) -> None:
    given: list[Path] = []
    data = tmp_path / "first"
    data.mkdir()
    fed = Fed(data, given).start("--sample")
    try:
        fed.wait(lambda: fed.newest() >= 0, "no checkpoint")
        fed.feed(RETAINED)
        fed.wait(lambda: len(complete(fed.checkpoints)) <= RETAINED, "older checkpoints stay")
        of_the_first = complete(fed.checkpoints)
        assert len(of_the_first) == RETAINED and all(files_elsewhere(each) for each in of_the_first)
        fed.platform.kill("pipeline")
        fed.assert_sound("killed")
        fed.platform.start("pipeline")
        fed.feed(1)
        assert sum(each in complete(fed.checkpoints) for each in of_the_first) >= RETAINED - 2, (
            "what is there to fall back to"
        )
        fed.feed(RETAINED)
        fed.assert_sound("started again")
        assert not any(each.exists() for each in of_the_first)

        airshed("backup", str(tmp_path / "backups"), "--data", str(data))
        fed.platform.stop()
        moved = data.rename(tmp_path / "moved")
        fed = Fed(moved, given).start()
        fed.feed(RETAINED + 1)
        fed.assert_sound("moved")
        assert not data.exists(), [str(path) for path in data.rglob("*")]

        newest = complete(fed.checkpoints)[0] / "_metadata"
        fed.wait(
            lambda: list(Manifests(fed.checkpoints).folder.glob(f"*.{newest.parent.name}.json")), "it has no manifest"
        )
        fed.platform.kill("pipeline")
        content = bytearray(newest.read_bytes())
        content[len(content) // 2] ^= 4
        newest.write_bytes(content)
        fed.platform.start("pipeline")
        fed.wait((newest.parent.parent / f"damaged-{newest.parent.name}").exists, "it was not set aside")
        fed.assert_sound("fallen back")
        fed.feed(RETAINED + 1)
        fed.assert_sound("fallen back and gone on")

        expected, rows = _by_desks([SAMPLE, *(moved / "inbox" / each.name for each in given)])
        fed.platform.wait_until_drained(rows, 100)
        _assert_same(fed.platform.rows(), expected)
        fed.platform.stop()

        restored = tmp_path / "restored"
        airshed("restore", str(tmp_path / "backups"), "--data", str(restored))
        fed = Fed(restored, given)
        fed.assert_sound("restored")
        fed.start()
        fed.feed(RETAINED + 1)
        fed.assert_sound("restored and gone on")
    finally:
        fed.platform.stop()
