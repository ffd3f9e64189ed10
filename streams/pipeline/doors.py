"""Who may come in to the engine: nobody but its own processes, by a network of its own or with each way in closed by itself.

Where a network of its own is not to be had: the gateway between Python and Java asks for a token, Beam's services are sockets
in a folder that nobody else may enter, Flink's REST server hangs up, its file server wants a certificate that is made anew at
each start, and whoever asks to be told of the topics must be a process of the same user.
"""

from __future__ import annotations

import functools
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from standards import temporary
from standards.errors import AirshedError
from standards.temporary import own_folder
from streams.pipeline import java, secluded

NETWORK, MACHINE = "AIRSHED_ENGINE_NETWORK", "machine"
"""AIRSHED_ENGINE_NETWORK=machine leaves the engine in the network of the machine, for models that ask other machines."""
OPEN, ALLOWED = "AIRSHED_OPEN_PORTS", "allow"
"""AIRSHED_OPEN_PORTS=allow lets the engine run where ways in stay open to others who work on this machine."""
GATEWAY = "org.apache.flink.client.python.TokenGateway"
BEAM, TOPICS = "Beam's services for the Python workers", "announcements of the topics"
PROCESSORS = ("x86_64", "aarch64")
"""Of which the shipped libraries know sockets in folders, on Linux."""

PREFIXES = (f"{temporary.PREFIX}doors.", "airshed-doors-")
"""How the folder of a start is called, and was in versions before."""
_PLAIN = re.compile(r"[\w/.+-]{1,60}", re.ASCII)
"""A folder that whoever reads a path of sockets or keys reads in one way."""
QUICKLY = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
"""A tool that runs once and ends needs half the time so."""


class OpenPorts(AirshedError, RuntimeError):
    """Ways in would stay open to others on this machine, and nobody has allowed it."""


@dataclass(frozen=True, slots=True)
class Doors:
    """How the engine is closed. folder: what Java needs at hand, of which nobody else may see anything.

    why: why it has no network of its own, "" where it has. left: the ways in that stay open to others on this machine.
    """

    folder: Path | None = None
    why: str = ""
    left: tuple[str, ...] = ()

    def allowed(self, environment: Mapping[str, str]) -> bool:
        """Tell whether nothing stays open, or a person has allowed it."""
        return not self.left or environment.get(OPEN) == ALLOWED


def foreseen(environment: Mapping[str, str]) -> Doors:
    """Tell how the engine will be closed on this machine; nothing is changed."""
    why = _asked(environment) or secluded.refusal()
    return Doors(why=why, left=left_open(sys.platform, platform.machine()) if why else ())


def close(environment: Mapping[str, str], note: Path) -> Doors:
    """Give this process, which must have one thread, a network of its own, or make what closes each way in by itself.

    note: the file that remembers where the folder of a start is. Raises OpenPorts where ways in stay open and this is not allowed.
    """
    why = _asked(environment)
    if not why:
        try:
            secluded.enter()
        except secluded.NotSecluded as refused:
            why = str(refused)
        else:
            return Doors(_private_folder(note))
    doors = Doors(why=why, left=left_open(sys.platform, platform.machine()))
    if not doors.allowed(environment):
        raise OpenPorts(
            f"open to others on this machine: {', '.join(doors.left)}; allow it with {OPEN}={ALLOWED} ({why})"
        )
    return replace(doors, folder=_private_folder(note))


def left_open(system: str, processor: str) -> tuple[str, ...]:
    """Give what cannot be closed by itself on a system (sys.platform) and a processor."""
    if not system.startswith("linux"):
        return (BEAM, TOPICS)
    return () if processor in PROCESSORS else (BEAM,)


def prepare(doors: Doors, environment: dict[str, str]) -> dict[str, str]:
    """Let Java start with what closes the ways in; give the options that Flink needs besides. Must precede PyFlink's import.

    environment: that of this process; JAVA_HOME is in it, and JVM_ARGS, to which is added.
    """
    # Java asks for the address of its own machine by name, which only others may know; it asks for no other name.
    _write(doors.folder / "hosts", f"127.0.0.1 localhost {socket.gethostname()}\n")
    environment["JVM_ARGS"] += f" -Djdk.net.hosts.file={doors.folder / 'hosts'}"
    if not doors.why:
        return {}
    _write(doors.folder / "token", secrets.token_urlsafe(32))
    environment["JVM_ARGS"] += f" -Dairshed.doors={doors.folder} -Dairshed.open={'true' if doors.left else 'false'}"
    environment["SUBMIT_ARGS"] = f"-c {GATEWAY} local"
    return _certificate(doors.folder, Path(environment["JAVA_HOME"]))


def put_before(doors: Doors) -> None:
    """Put our classes before Beam's, and let both ends of the gateway ask for the token; PyFlink has no setting for either."""
    if not doors.why:
        return
    from pyflink import java_gateway, pyflink_gateway_server

    token = (doors.folder / "token").read_text(encoding="ascii")
    for name in ("GatewayParameters", "CallbackServerParameters"):
        setattr(java_gateway, name, functools.partial(getattr(java_gateway, name), auth_token=token))
    class_path = pyflink_gateway_server.construct_flink_classpath
    pyflink_gateway_server.construct_flink_classpath = lambda given: f"{java.JAR}{os.pathsep}{class_path(given)}"


def _asked(environment: Mapping[str, str]) -> str:
    return f"{NETWORK}={MACHINE}" if environment.get(NETWORK) == MACHINE else ""


def _private_folder(note: Path) -> Path:
    """Make a folder that only this user may enter, and take away the one that a start that was killed has left."""
    # Not in the data directory: the name of a socket may be 107 bytes long, gRPC decodes percent codes in it, Java's options
    # are cut at blanks. The folder for temporary files may be anything as well.
    if note.exists() and (before := Path(note.read_text(encoding="utf-8"))).name.startswith(PREFIXES):
        shutil.rmtree(before, ignore_errors=True)
    parent = tempfile.gettempdir()
    folder = own_folder("doors", parent if _PLAIN.fullmatch(parent) else temporary.FALLBACK)
    note.parent.mkdir(parents=True, exist_ok=True)
    _write(note, str(folder))
    return folder


def _certificate(folder: Path, java_home: Path) -> dict[str, str]:
    """Make a key pair for this start, and give the options with which Flink's parts speak to nobody without it."""
    store, token = folder / "keys.p12", folder / "token"
    subprocess.run(
        (java_home / "bin" / "keytool", *QUICKLY, "-genkeypair", "-alias", "airshed", "-keyalg", "EC",
         "-groupname", "secp256r1", "-dname", "CN=airshed", "-validity", "3650",
         "-storetype", "PKCS12", "-keystore", store, "-storepass:file", token),
        check=True, stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    password = token.read_text(encoding="ascii")
    names = ("keystore-password", "key-password", "truststore-password")
    files = dict.fromkeys(("keystore", "truststore"), str(store))
    kept = {**files, **dict.fromkeys(names, password)}
    return {"security.ssl.internal.enabled": "true", **{f"security.ssl.internal.{k}": v for k, v in kept.items()}}


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
