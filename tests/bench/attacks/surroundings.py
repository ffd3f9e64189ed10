"""Locales and paths: the machine as it is found. What can be used gives the rows of the undisturbed run; what cannot is said."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.bench.attacks import frozen
from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack

LOCALES = (
    {"LANG": "C", "LC_ALL": "C"}, {"LANG": "POSIX", "LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"LC_ALL": "tr_TR.UTF-8"},
    {"LC_ALL": "zh_CN.GB18030"}, {"LC_ALL": "ja_JP.EUC"}, {"LC_ALL": "de_DE.ISO-8859-1", "LC_NUMERIC": "de_DE"},
    {"LC_ALL": "ar_EG.UTF-8"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "xx_XX.nothing"},
    {"LANG": "", "LC_ALL": "", "TZ": "America/St_Johns"},
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A kind of path: where the data lie below a folder of the test's, the link that leads there, and whether it can be used."""

    name: str
    path: str
    usable: bool = True
    link: bool = False


PLACES = (
    Place("blanks", "my data  here"), Place("Chinese", "成都平原 数据"), Place("emoji", "air 🌫️ data"),
    Place("quotes", "it's \"quoted\""), Place("per cent, hash, question", "100%25 # a?b&c=d"), Place("brackets", "a[b]{c}(d)"),
    Place("dollar and tilde", "~$HOME ${x}"), Place("comma, colon, semicolon", "a,b:c;d"), Place("a dash first", "-rf"),
    Place("long", "/".join("x" * 60 for _ in range(5))), Place("a symbolic link", "behind a link", link=True),
    Place("dots", "..a/...b"), Place("combining signs", "e\u0301te\u0301"), Place("a password by its look", "password=secret"),
    Place("a line end", "a\nb", usable=False), Place("a backslash", "a\\b", usable=False),
    Place("an escape code", "a\x1b[31mb", usable=False),
    Place("a name too long", "x" * 300, usable=False), Place("a path too long", "/".join("y" * 80 for _ in range(8)), usable=False),
    Place("bytes that are no UTF-8", "a\udcffb", usable=False),
)  # fmt: skip


def play_locale(attack: Attack, folder: Path, expected: dict, settings: dict[str, str]) -> None:
    """Run the whole input under a locale."""
    stage = Stage(folder, environment=settings)
    attack.happened("locale")
    try:
        _same_rows(attack, stage, expected)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play_path(attack: Attack, folder: Path, expected: dict, place: Place) -> None:
    """Run the whole input in a data directory of such a name; one that cannot be used is refused in words, and nothing is made."""
    folder.mkdir()
    data = folder / place.path
    if place.usable:
        data.parent.mkdir(parents=True, exist_ok=True)
        if place.link:
            (folder / "true place").mkdir()
            data.symlink_to(folder / "true place")
        attack.happened("path")
        try:
            _same_rows(attack, Stage(data), expected)
            made = {each.name for each in folder.iterdir()}
            attack.must(
                made <= {place.path.partition("/")[0], "true place"}, f"made outside the data directory: {made}"
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    stage = Stage(data)
    try:
        done = stage.command("up", "--no-sample", "--port", str(stage.port))
        attack.happened("path")
        said = done.stdout + done.stderr
        attack.must(done.returncode == 1, f"rc {done.returncode}: {said[-200:]}")
        attack.must("--data" in said and "Traceback" not in said, f"no remedy: {said[-300:]}")
        attack.must(not list(folder.iterdir()), f"made all the same: {list(folder.iterdir())[:3]}")
    finally:
        stage.close(attack)
        shutil.rmtree(folder, ignore_errors=True)


def _same_rows(attack: Attack, stage: Stage, expected: dict) -> None:
    given = frozen.files()
    try:
        stage.start()
        stage.feed(given)
        stage.wait_until_drained(frozen.rows(given))
        wrong = stage.differs(expected)
        attack.must(not wrong, "; ".join(wrong))
        attack.must("Traceback" not in stage.said() + stage.logs(), "a trace in a log")
    finally:
        stage.close(attack)
