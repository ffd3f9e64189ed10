import ast
import re
from pathlib import Path

import pytest

import dashboards
from dashboards.phase.told import FAMILIES
from dashboards.shell import LIVE_WORDS
from dashboards.text import Text, catalogue
from research.virtual_airshed.tracers import SECTORS

FOLDER = Path(dashboards.__file__).parent
SOURCES = [p for p in FOLDER.rglob("*") if p.suffix in (".py", ".js")]
_KEY = re.compile(r"[a-z_]+\.[a-z_0-9]+")


def _strings() -> set[str]:
    found: set[str] = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".js":
            found.update(re.findall(r'"([^"\n]*)"', text))
        else:
            found.update(
                n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            )
    return found


def _first_arguments(function: str) -> list[ast.expr]:
    """Give the first argument of each call of a function of this name."""
    sources = [ast.parse(p.read_text(encoding="utf-8")) for p in SOURCES if p.suffix == ".py"]
    calls = [n for source in sources for n in ast.walk(source) if isinstance(n, ast.Call) and n.args]
    return [c.args[0] for c in calls if getattr(c.func, "id", getattr(c.func, "attr", "")) == function]


def _asked() -> set[str]:
    return {a.value for a in _first_arguments("text") if isinstance(a, ast.Constant)}


def _families() -> set[str]:
    """Give how keys begin that are put together: text(f"page.{...}"), text.of_code("kind.", ...), those for the browser."""
    put_together = [a.values[0] for a in _first_arguments("text") if isinstance(a, ast.JoinedStr)]
    begun = {a.value for a in [*put_together, *_first_arguments("of_code")] if isinstance(a, ast.Constant)}
    return begun | set(LIVE_WORDS) | set(FAMILIES)


def test_every_entry_has_both_languages_and_the_same_blanks():
    for key, entry in catalogue().items():
        assert set(entry) == {"zh", "en"}, key
        assert set(re.findall(r"{\w+}", entry["zh"])) == set(re.findall(r"{\w+}", entry["en"])), key


def test_no_key_that_the_pages_ask_for_is_missing():
    missing = {key for key in _asked() if _KEY.fullmatch(key)} - set(catalogue())
    assert not missing and len(_asked()) > 30


def test_no_key_is_unused():
    used, prefixes = _strings(), tuple(_families())
    assert {"page.", "kind.", "verdict.", "age."} <= set(prefixes)
    assert [key for key in catalogue() if key not in used and not key.startswith(prefixes)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sector_of_the_simulated_inventory_has_a_word(lang):
    assert [sector for sector in SECTORS if Text(lang).of_code("sector.", sector) == sector] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_unknown_code_stands_for_itself(lang):
    assert Text(lang).of_code("sector.", "kilns") == "kilns"
