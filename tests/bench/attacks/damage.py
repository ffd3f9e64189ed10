"""Damage to what lies in the data directory while the platform is stopped: what is done, and what has to hold after the next start.

Each is done to a copy of a data directory that was fed half of the frozen input; the other half follows after the damage.
`airshed check` looks before the start and again when all is stored, `airshed rebuild` mends where that is the remedy. What was
harmed is named by one of them or by the platform, by each at most once, and at the end the check finds no fault anywhere else.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.attacks import frozen
from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed, Skipped

Harm = Callable[[Path, random.Random], Path | None]
"""Does damage below a data directory and gives the file that was harmed."""


@dataclass(frozen=True)
class Damage:
    """A kind of damage: silent where nothing need be said, because nothing is lost that is not made again.

    rebuilt: mended by `airshed rebuild`. refused: the words with which a start is refused, until a backup is put back.
    """

    name: str
    harm: Harm
    silent: bool = False
    rebuilt: bool = False
    refused: str = ""


def flip(pattern: str) -> Harm:
    """Flip one bit of one byte in the middle of the newest file."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        held = bytearray(path.read_bytes())
        if not held:
            raise NotPlayed(f"{path} is empty")
        held[chance.randrange(len(held) // 4, 3 * len(held) // 4 + 1)] ^= 1 << chance.randrange(8)
        return written(path, bytes(held))

    return harm


def cut(pattern: str, share: float = 0.5) -> Harm:
    """Leave a share of the newest file."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        return written(path, path.read_bytes()[: int(path.stat().st_size * share)])

    return harm


def fill(pattern: str, content: bytes) -> Harm:
    """Put other bytes in the place of the newest file."""
    return lambda data, chance: written(newest(data, pattern), content)


def zeros(pattern: str) -> Harm:
    """Put zeros over the second half of the newest file, as a power cut may."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        held = path.read_bytes()
        return written(path, held[: len(held) // 2] + bytes(len(held) - len(held) // 2))

    return harm


def remove(pattern: str) -> Harm:
    """Remove the newest file or folder."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return path

    return harm


def twice(pattern: str) -> Harm:
    """Lay a second copy beside the newest file under a name of its own."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        return Path(shutil.copy(path, path.with_name(f"{path.stem}-again{path.suffix}")))

    return harm


def page(data: Path, chance: random.Random) -> Path:
    """Flip bytes all over one page of the store, not its first."""
    path = settled(data)
    held = bytearray(path.read_bytes())
    size = int.from_bytes(held[16:18], "big") or 4096
    first = size * chance.randrange(1, len(held) // size)
    for place in range(first, first + size, 7):
        held[place] ^= 0xFF
    return written(path, bytes(held))


def header(data: Path, chance: random.Random) -> Path:
    """Garble the first bytes of the store."""
    path = settled(data)
    held = path.read_bytes()
    return written(path, b"not a database  " + held[16:])


def half_a_store(data: Path, chance: random.Random) -> Path:
    """Leave half of the store."""
    path = settled(data)
    return written(path, path.read_bytes()[: path.stat().st_size // 2])


def newer_store(data: Path, chance: random.Random) -> Path:
    """Give the store a schema that no program knows."""
    path = settled(data)
    with sqlite3.connect(path) as connection:
        if connection.execute("UPDATE alembic_version SET version_num = 'z999'").rowcount != 1:
            raise NotPlayed("the store has no version")
    return path


def foreign_rows(data: Path, chance: random.Random) -> Path:
    """Remove a table of the store."""
    path = settled(data)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE air_city_hour")
    return path


def settled(data: Path) -> Path:
    """Give the store with all in its one file."""
    path = data / "store.sqlite"
    if not path.is_file():
        raise NotPlayed("there is no store")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def garbled_registry(name: str, content: bytes) -> Harm:
    """Lay a registry of the user's own with one file that cannot be read."""

    def harm(data: Path, chance: random.Random) -> Path:
        from streams.registry import __file__ as shipped

        (data / "registry").mkdir()
        for each in ("cities.csv", "stations.csv", "cities.geojson"):
            shutil.copy(Path(shipped).with_name(each), data / "registry" / each)
        return written(data / "registry" / name, content)

    return harm


def a_folder_for(pattern: str) -> Harm:
    """Put a folder in the place of a file."""

    def harm(data: Path, chance: random.Random) -> Path:
        path = newest(data, pattern)
        path.unlink()
        path.mkdir()
        return path

    return harm


def lay(name: str, content: bytes) -> Harm:
    """Lay a file where none need be."""

    def harm(data: Path, chance: random.Random) -> Path:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        return written(data / name, content)

    return harm


def shared(harm: Callable[[str], Harm]) -> Harm:
    """Harm a file that checkpoints share; Skipped where the state is so small that all of it stands in their lists."""
    pattern = "checkpoints/*/shared/*"

    def harmed(data: Path, chance: random.Random) -> Path | None:
        if not list(data.glob(pattern)):
            raise Skipped("the state is so small that no checkpoint has a file of it")
        return harm(pattern)(data, chance)

    return harmed


def newest(data: Path, pattern: str) -> Path:
    """Give the newest file of a pattern that is not empty; NotPlayed where there is none."""
    found = [path for path in data.glob(pattern) if path.is_dir() or path.stat().st_size]
    if not found:
        raise NotPlayed(f"nothing is named {pattern}")
    return max(found, key=lambda path: (path.stat().st_mtime_ns, str(path)))


def written(path: Path, content: bytes) -> Path:
    """Write what is there no longer as it was; NotPlayed where it is what was there before."""
    before = path.read_bytes() if path.is_file() else None
    path.write_bytes(content)
    if path.read_bytes() == before:
        raise NotPlayed(f"{path} is as it was")
    return path


IN, OUT, CHECKPOINT = "topics/intake/*.jsonl", "topics/air/**/part-*", "checkpoints/*/chk-*"
NOISE = bytes(range(256)) * 4
KINDS = (
    Damage("a flipped bit in a segment that came in", flip(IN)),
    Damage("a segment that came in, cut", cut(IN)),
    Damage("a segment that came in, emptied", cut(IN, 0.0)),
    Damage("a segment that came in, removed", remove(IN)),
    Damage("a segment that came in, second half zeros", zeros(IN)),
    Damage("a segment that came in, there twice", twice(IN), silent=True),
    Damage("a segment that came in, noise", fill(IN, NOISE)),
    Damage("a flipped bit in a result", flip(OUT), rebuilt=True),
    Damage("a result, cut", cut(OUT), rebuilt=True),
    Damage("a result, removed", remove(OUT), rebuilt=True),
    Damage("a result, second half zeros", zeros(OUT), rebuilt=True),
    Damage("the journal of keys, cut", cut("topics/intake/.keys")),
    Damage("the journal of keys, noise", fill("topics/intake/.keys", NOISE)),
    Damage("the journal of keys, removed", remove("topics/intake/.keys"), silent=True),
    Damage("a flipped bit in the newest checkpoint", flip(f"{CHECKPOINT}/_metadata")),
    Damage("the newest checkpoint, cut", cut(f"{CHECKPOINT}/_metadata")),
    Damage("the newest checkpoint, emptied", cut(f"{CHECKPOINT}/_metadata", 0.0)),
    Damage("the newest checkpoint, removed", remove(CHECKPOINT)),
    Damage("all checkpoints, removed", remove("checkpoints")),
    Damage("a flipped bit in a state file that checkpoints share", shared(flip)),
    Damage("a state file that checkpoints share, cut", shared(cut)),
    Damage("a state file that checkpoints share, removed", shared(remove)),
    Damage("the store, a page flipped", page, rebuilt=True),
    Damage("the store, its head garbled", header, rebuilt=True),
    Damage("the store, half of it", half_a_store, rebuilt=True),
    Damage("the store, another kind of file", fill("store.sqlite", b"station,hour_end\n" * 400), rebuilt=True),
    Damage("the store, a schema of the future", newer_store, silent=True, refused="schema is at version z999"),
    Damage("the store, a table gone", foreign_rows, rebuilt=True),
    Damage("the store, removed", remove("store.sqlite"), silent=True),
    Damage("the store's journal, noise", lay("store.sqlite-wal", NOISE), silent=True),
    Damage("the note of what runs, noise", lay("run/up.json", NOISE), silent=True),
    Damage("the portal's secret, noise", lay("portal/secret", NOISE), silent=True),
    Damage("a registry with a garbled table of stations", garbled_registry("stations.csv", b"name;what\n1;2\n")),
    Damage("a registry with a table of cities that is no text", garbled_registry("cities.csv", NOISE)),
    Damage("a registry with outlines that are no JSON", garbled_registry("cities.geojson", b"{ broken")),
    Damage("a folder in the place of a log", a_folder_for("logs/store.log"), silent=True),
    Damage("the logs, removed", remove("logs"), silent=True),
)


def prepare(folder: Path) -> dict[str, bytes]:
    """Make the data directory that is copied: half of the input, stored, stopped; give the other half."""
    given = frozen.files()
    names = sorted(given)
    first = {name: given[name] for name in names[: len(names) // 2]}
    stage = Stage(folder)
    try:
        stage.start()
        stage.feed(first)
        stage.wait_until_drained(frozen.rows(first))
        stage.stop()
    finally:
        stage.tidy()
    return {name: given[name] for name in names[len(names) // 2 :]}


def play(
    attack: Attack, kind: Damage, folder: Path, prepared: Path, rest: dict[str, bytes], expected: dict, seed: int
) -> None:
    """Damage a copy, start, feed the rest, compare; rebuild where that is the remedy and the command is there."""
    shutil.copytree(prepared, folder, symlinks=True)
    shutil.rmtree(folder / "run", ignore_errors=True)
    stage = Stage(folder)
    try:
        harmed = kind.harm(folder, random.Random(seed))
        attack.happened("damage")
        attack.told["harmed"] = str(harmed.relative_to(folder)) if harmed else ""
        checks = [_faults(stage)]
        if kind.rebuilt:
            rebuilt = stage.command("rebuild")
            if rebuilt.returncode:  # what it says may be lost the topics hold here, but it cannot know that
                rebuilt = stage.command("rebuild", "--accept-loss")
            attack.told["rebuild"] = (rebuilt.stdout + rebuilt.stderr)[-200:]
        if kind.refused:
            _refused(attack, kind, stage, harmed)
            shutil.copy(prepared / harmed.relative_to(folder), harmed)
        try:
            stage.start()
            stage.feed(rest)
            stage.wait_until_drained(frozen.rows(frozen.files()), 90)
            wrong = stage.differs(expected, 40, as_counted=without_repeats)
            attack.must(not wrong, "; ".join(wrong))
        finally:
            checks.append(_faults(stage))
            _named(attack, kind, stage, harmed, checks)
    finally:
        stage.close(attack)
        shutil.rmtree(folder, ignore_errors=True)


def _refused(attack: Attack, kind: Damage, stage: Stage, harmed: Path) -> None:
    """The start is refused in words, what cannot be used is as it was, and the check says the same."""
    before = harmed.read_bytes()
    stage.start(ready=False)
    code = stage.process.wait(60)
    attack.must(code not in (0, None) and kind.refused in stage.said(), f"not refused: {code}: {stage.said()[-300:]}")
    attack.must(harmed.read_bytes() == before, f"{harmed.name} was changed by a start that was refused")
    attack.must(any(kind.refused in fault for fault in _faults(stage)), "check does not say why it cannot be used")


def without_repeats(row: dict) -> dict | None:
    """Give a row as it is compared: books without what was told a second time, and no row that names the damage itself."""
    if row.get("source") == "damage" and "reason" in row:
        return None
    if not {"rows_in", "duplicate"} <= row.keys():
        return row
    return {**row, "rows_in": row["rows_in"] - row["duplicate"], "duplicate": 0}


def _faults(stage: Stage) -> list[str]:
    """Give what `airshed check` finds, each fault in a line."""
    done = stage.command("check", "--json")
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(
            f"check says nothing: rc {done.returncode}: {(done.stdout + done.stderr)[-300:]}"
        ) from None
    found = [f"{each['part']}: {each['place']}: {each['what']}" for each in told["faults"]]
    return found + [f"not looked at: {part}: {why}" for part, why in told["not_looked_at"].items()]


def _named(attack: Attack, kind: Damage, stage: Stage, harmed: Path | None, checks: list[list[str]]) -> None:
    """What was damaged is named by the platform or by a check, by each at most once; in the end nothing else is at fault."""
    name = harmed.name if harmed and harmed.name != "_metadata" else harmed.parent.name if harmed else "nothing"
    said = [line for line in (stage.said() + stage.logs()).splitlines() if name in line and _is_bad(line)]
    before, after = ([line for line in each if name in line] for each in checks)
    attack.told["named"] = {
        "by the platform": len(said),
        "by check before": len(before),
        "by check at the end": len(after),
    }
    others = [line for line in checks[1] if name not in line]
    attack.must(not others, f"at the end check finds {others[:2]}")
    if kind.silent or harmed is None:
        return
    attack.must(bool(said or before or after), f"{name} is named nowhere; check: {checks[0][:2]}")
    attack.must(len(said) <= 1, f"{name} is told {len(said)} times: {said[:2]}")
    for found in (before, after):
        attack.must(len(found) <= 1, f"check names {name} {len(found)} times: {found[:2]}")


def _is_bad(line: str) -> bool:
    return any(word in line for word in (" WARNING ", " ERROR ", "error", "damaged", "cannot", "set aside"))
