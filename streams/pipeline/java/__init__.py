"""Classes that close the engine's ways in; `python -m streams.pipeline.java` compiles them into the jar beside them."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from pathlib import Path

SOURCES = Path(__file__).parent
JAR = SOURCES / "doors.jar"
RELEASE = "17"
"""The oldest Java that the engine runs on."""
SERVICE = "META-INF/services/org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory"
"""Where Flink looks for who may see a call to its REST server first."""
_DAY = (2026, 1, 1, 0, 0, 0)


def build(jar: Path = JAR) -> None:
    """Compile the sources with the javac of the machine; the same sources give the same bytes with one javac."""
    with tempfile.TemporaryDirectory() as made:
        sources = sorted(str(path) for path in SOURCES.rglob("*.java"))
        subprocess.run(
            ("javac", "--release", RELEASE, "-g:none", "-nowarn", "-cp", _class_path(), "-d", made, *sources),
            check=True,
        )
        entries = {path.relative_to(made).as_posix(): path.read_bytes() for path in Path(made).rglob("*.class")}
    entries[SERVICE] = b"airshed.NobodyIn\n"
    with zipfile.ZipFile(jar, "w") as out:
        for name, data in sorted(entries.items()):
            out.writestr(zipfile.ZipInfo(name, _DAY), data, zipfile.ZIP_DEFLATED)


def _class_path() -> str:
    return ":".join(str(path) for folder in ("lib", "opt") for path in sorted((_flink() / folder).glob("flink-*.jar")))


def _flink() -> Path:
    # PyFlink is looked up and not imported: what it does at its import depends on the environment.
    from importlib.util import find_spec

    return Path(find_spec("pyflink").origin).parent
