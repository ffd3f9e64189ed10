"""A network of the engine's own: on Linux nobody but its own processes reaches what it listens on.

The engine's parts speak with each other over some twenty sockets, and hardly one asks who is there: whoever reaches them
reads files and runs commands as the platform's user. A process that leaves the machine's network before it starts the engine
has a loopback of its own, and so has all it starts. Files are shared as before; what needs another machine is not to be had.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

from standards.errors import AirshedError

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
"""Of linux/sched.h."""
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
"""Of linux/sockios.h and linux/if.h."""
_REQUEST = "16sH22x"
"""struct ifreq with its flags: a name, the flags, the rest of 40 bytes."""


class NotSecluded(AirshedError, RuntimeError):
    """This process cannot have a network of its own."""


def enter() -> None:
    """Move this process and all it will start into a network of its own, whose one interface is loopback.

    It must be called before anything starts a thread. Raises NotSecluded, with this process left as it was.
    """
    if why := refusal():
        raise NotSecluded(why)
    if (threads := len(os.listdir("/proc/self/task"))) > 1:
        raise NotSecluded(f"{threads} threads run already, expected one")
    _move()


def refusal() -> str:
    """Give why a process on this machine cannot have a network of its own, "" where it can."""
    if not sys.platform.startswith("linux"):
        return f"{sys.platform} has no network namespaces"
    # What is half done cannot be undone, and some machines allow the first step and refuse the second: a child tries it.
    return _tried_in_a_child()


def _tried_in_a_child() -> str:
    """Give why the move fails, "" where it works."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            _move()
            os._exit(0)
        except Exception as error:
            why = getattr(error, "strerror", None) or str(error)  # its words are in a catalogue, its number is not
            os.write(writing, why.encode()[:1000])
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        why = answer.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return "" if not status else why or "the attempt ended without a word"


def _move() -> None:
    """Leave the machine's network, as root or as a user, and switch the loopback of the new one on."""
    user, group = os.geteuid(), os.getegid()
    if not user:
        # Root keeps the machine's users: in a namespace of users with itself alone, files of others would be closed to it.
        _unshare(CLONE_NEWNET)
    else:
        _unshare(CLONE_NEWUSER | CLONE_NEWNET)
        _write("setgroups", "deny")
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")
    _switch_on("lo")


def _unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")


def _write(name: str, text: str) -> None:
    Path("/proc/self", name).write_text(text, encoding="ascii")


def _switch_on(interface: str) -> None:
    """Set the flag UP of an interface; raise OSError where that is not allowed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        request = struct.pack(_REQUEST, interface.encode("ascii"), 0)
        _, flags = struct.unpack(_REQUEST, fcntl.ioctl(asking, SIOCGIFFLAGS, request))
        fcntl.ioctl(asking, SIOCSIFFLAGS, struct.pack(_REQUEST, interface.encode("ascii"), flags | IFF_UP))
