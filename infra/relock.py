"""Write down anew what an installation may fetch: `python -m infra.relock`, after pyproject.toml or constraints.txt changed.

uv resolves the requirements, within constraints.txt, for every platform that is supported, and tells the digest of each file of the
versions chosen. locked.toml keeps version, day of release, sets (who needs it) and digests; no address of where files came from.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra import terminal
from infra.locked import INSTALLER, LOCKED, SETS

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = {
    ("x86_64-manylinux_2_28", "3.11.9"): "",
    ("aarch64-manylinux_2_28", "3.11.9"): "",
    ("aarch64-apple-darwin", "3.11.9"): "sys_platform == 'darwin'",
    ("x86_64-manylinux_2_28", "3.11.0"): "python_full_version < '3.11.3'",
}
"""Platform and Python, as uv names them, and the marker of what is needed on this one alone."""
HEAD = """# What an installation may fetch: made by `python -m infra.relock`, never by hand. sets: for what a package is needed;
# released: the day on which this version came out; marker: where it is needed; sha256: of every file that may be fetched for it.
"""


@dataclass
class Package:
    """One package as it is locked."""

    version: str
    released: str = ""
    sets: set[str] = field(default_factory=set)
    on: set[tuple[str, str]] = field(default_factory=set)
    sha256: set[str] = field(default_factory=set)


def main() -> int:
    """Resolve and write."""
    packages: dict[str, Package] = {}
    for where in PLATFORMS:
        for name in SETS:
            for entry in _resolved(name, *where):
                _enter(packages, entry, name, where)
    LOCKED.write_text(written(packages), encoding="utf-8")
    print(f"{len(packages)} packages, {sum(len(p.sha256) for p in packages.values())} files: {LOCKED}")
    return 0


def written(packages: Mapping[str, Package]) -> str:
    """Write packages as TOML, in the order of their names."""
    return HEAD + "".join(_written(name, packages[name]) for name in sorted(packages))


def _written(name: str, package: Package) -> str:
    quoted = [f'"{each}"' for each in sorted(package.sets)]
    digests = "".join(f'  "{each}",\n' for each in sorted(package.sha256))
    marker = f'marker = "{told}"\n' if (told := _marker(package)) else ""
    return (
        f'\n["{name}"]\nversion = "{package.version}"\nreleased = {package.released}\nsets = [{", ".join(quoted)}]\n'
        f"{marker}sha256 = [\n{digests}]\n"
    )


def _marker(package: Package) -> str:
    everywhere = {where for where, marker in PLATFORMS.items() if not marker}
    return "" if package.on >= everywhere else " or ".join(sorted(PLATFORMS[where] for where in package.on))


def _enter(packages: dict[str, Package], entry: Mapping, name: str, where: tuple[str, str]) -> None:
    known = packages.setdefault(entry["name"], Package(entry["version"]))
    if known.version != entry["version"]:
        raise SystemExit(f"{entry['name']} is {known.version} and {entry['version']}: pin one in constraints.txt")
    files = [*entry.get("wheels", ()), *filter(None, (entry.get("sdist"),))]
    known.sets.add(name)
    known.on.add(where)
    known.sha256 |= {each["hashes"]["sha256"] for each in files}
    days = [str(each["upload-time"].date()) for each in files if "upload-time" in each]
    known.released = min(filter(None, (known.released, *days)))


def _resolved(name: str, platform: str, python: str) -> Iterator[Mapping]:
    """Give the entries of a lock file (PEP 751) of one set on one platform."""
    with tempfile.TemporaryDirectory() as folder:
        out, asked = Path(folder) / "pylock.toml", Path(folder) / "asked.in"
        if name == INSTALLER:
            asked.write_text("uv\nsetuptools\n", encoding="utf-8")
            source: tuple[str, ...] = (str(asked),)
        else:
            source = ("pyproject.toml", *(() if name == SETS[0] else ("--extra", name)))
        pinned = ("-c", "constraints.txt", "--build-constraints", "constraints.txt")
        command = ("uv", "pip", "compile", "-q", *source, *pinned, "--format", "pylock.toml", "-o", str(out))
        subprocess.run((*command, "--python-platform", platform, "--python-version", python), cwd=ROOT, check=True)
        yield from tomllib.loads(out.read_text(encoding="utf-8"))["packages"]


if __name__ == "__main__":
    sys.exit(terminal.to_the_end(main))
