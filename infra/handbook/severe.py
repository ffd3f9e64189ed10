"""What has to have an entry in the handbook, by rule.

* What a process logs as a warning or worse (as tests/test_logged.py finds it).
* What a command says (infra/messages.toml), unless news.toml lists it as what tells of no fault. Nothing stands in neither.
* Why a file, a row or a store is refused (streams/store/reasons.toml): all of it.
* Each class of error of the project's root: a refusal names what was found, so its words stand in no catalogue.
* Words of the pages that say that something cannot be done, by the words of FAULTS.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from infra.messages import catalogue as messages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("streams", "dashboards", "infra", "ml")
LEVELS = {"warning", "error", "exception", "critical"}
BARE = {"%s"}
"""Hands on what another one says, and has no words of its own."""
BY_HAND = ("streams/sample/extract.py", "streams/registry/make_outlines.py")
"""Commands of developers, which make files of the project anew."""
FAULTS = re.compile("故障|无法|读不出|有误|失去联系|未能|断开|未执行|已改用|出错|损坏|不符")
RAISED = re.compile(r"raise \w+\(\s*say\(\s*\"(\w+)\"")
ROOT_ERROR = "standards.errors.AirshedError"


def severe_lines() -> set[str]:
    """Give what the code logs as a warning or worse, as it stands there (English, with places for values)."""
    return {line for _, line in _logged()} - BARE


def severe_messages() -> set[str]:
    """Give the keys of what commands say that is not listed as news."""
    return {key for key in messages() if not is_news(key)}


def raised_messages() -> set[str]:
    """Give the keys of messages with which a command is refused, as they stand in the code of infra."""
    code = [path.read_text(encoding="utf-8") for path in (ROOT / "infra").rglob("*.py")]
    return {key for text in code for key in RAISED.findall(text)}


def is_news(key: str) -> bool:
    """Tell whether a message is listed as one that tells of no fault."""
    return any(fnmatch.fnmatchcase(key, pattern) for pattern in news())


@cache
def news() -> tuple[str, ...]:
    """Read the list of messages that tell of no fault; `*` stands for any end of a key."""
    return tuple(tomllib.loads(Path(__file__).with_name("news.toml").read_text(encoding="utf-8"))["news"])


def severe_reasons() -> set[str]:
    """Give all reasons for which files, rows and stores are refused."""
    return set(reasons())


@cache
def reasons() -> dict[str, str]:
    """Read the Chinese of reasons by their English, with places for values."""
    return _chinese("reason")


@cache
def sentences() -> dict[str, str]:
    """Read the Chinese of what research refuses by its English, with places for values."""
    return _chinese("sentence")


def _chinese(kind: str) -> dict[str, str]:
    path = ROOT / "streams" / "store" / f"{kind}s.toml"
    return {entry["en"]: entry["zh"] for entry in tomllib.loads(path.read_text(encoding="utf-8"))[kind]}


def severe_words() -> set[str]:
    """Give the words of pages, as section.key, that say that something cannot be done."""
    found = set()
    folder = ROOT / "dashboards"
    for path in (folder / "catalogue.toml", *sorted((folder / "words").glob("*.toml"))):
        for section, held in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for key, said in held.items():
                if isinstance(said, dict) and FAULTS.search(str(said.get("zh", ""))):
                    found.add(f"{section}.{key}")
    return found


def severe_errors() -> set[str]:
    """Give the classes that derive from the project's root of errors, by module and name; neither private ones nor the root."""
    known = {"AirshedError"}
    classes = list(_classes())
    grown = True
    while grown:
        more = {name for _, name, bases in classes if bases & known} - known
        grown = bool(more)
        known |= more
    return {f"{module}.{name}" for module, name, _ in classes if name in known and name[0] != "_"} - {ROOT_ERROR}


def _logged() -> Iterator[tuple[str, str]]:
    for path in _sources():
        where = str(path.relative_to(ROOT))
        if where in BY_HAND:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_severe(node) and isinstance(node.args[0], ast.Constant):
                yield where, node.args[0].value


def _is_severe(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in LEVELS and _is_log(node.func.value)


def _is_log(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lower().strip("_") == "log"


def _classes() -> Iterator[tuple[str, str, set[str]]]:
    for path in (*_sources(), *sorted((ROOT / "standards").rglob("*.py"))):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield module, node.name, {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))
