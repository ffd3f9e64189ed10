"""Every attribute that a file asks of a module of the project is there: a fixture that nobody ran cannot hide a name that left."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import dash
import pytest

ROOT = Path(__file__).parents[2]
OURS = ("standards", "streams", "ml", "dashboards", "research", "infra")
FILES = sorted(p for top in (*OURS, "tests") for p in (ROOT / top).rglob("*.py") if "notebooks" not in p.parts)


def modules_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give each name in a file that stands for a module of the project, with the module's own name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if is_module(node.module, full):
                    yield alias.asname or alias.name, full
        elif isinstance(node, ast.Import):
            yield from ((a.asname, a.name) for a in node.names if a.asname and a.name.split(".")[0] in OURS)


def is_module(package: str, full: str) -> bool:
    path = ROOT / full.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def missing(source: str) -> list[str]:
    tree = ast.parse(source)
    known = dict(modules_of(tree))
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {a.arg for n in ast.walk(tree) if isinstance(n, ast.arguments) for a in (*n.args, *n.kwonlyargs)}
    asked = {
        (n.value.id, n.attr)
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in known.keys() - bound
    }
    return [f"{known[name]}.{attr}" for name, attr in sorted(asked) if not has(known[name], attr)]


def has(module: str, attr: str) -> bool:
    found: ModuleType = importlib.import_module(module)
    return hasattr(found, attr) or is_module(module, f"{module}.{attr}")


@pytest.fixture(scope="module", autouse=True)
def _an_app_that_takes_pages() -> None:
    """Make what pages register with as they are loaded."""
    dash.Dash("names", use_pages=True, pages_folder="")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_is_asked_of_a_module_is_there(path: Path):
    assert missing(path.read_text(encoding="utf-8")) == []


def test_a_name_that_left_is_found():
    assert missing("from standards import days\ndays.natural_day(1)\ndays.gone(1)\n") == ["standards.days.gone"]
    assert missing("from standards import days\ndef f(days):\n    days.gone(1)\n") == []
