"""`python3 -m infra COMMAND`: make the environment where it is missing, then run the command inside it.

Nothing outside the standard library may be imported before the environment exists. An old Python has to be able to read
this file too, so that it can say which one is needed.
"""

import os
import shutil
import subprocess
import sys

WANTED = (3, 11)
MISSING = (
    "需要 Python 3.11，当前是 {found}。请安装后重试，例如："
    "apt-get install python3.11 python3.11-venv，或：uv python install 3.11\n"
    "Python 3.11 is needed, this is {found}. Install it and try again, for instance:"
    " apt-get install python3.11 python3.11-venv, or: uv python install 3.11\n"
)


def other_python():
    """Give the path of a Python 3.11, letting uv fetch one where uv is installed; None where there is none."""
    for name in ("python3.11", "python3"):
        path = shutil.which(name)
        if path and _version(path) == WANTED:
            return path
    uv = shutil.which("uv")
    if not uv:
        return None
    subprocess.call([uv, "python", "install", "3.11"])
    done = subprocess.run([uv, "python", "find", "3.11"], stdout=subprocess.PIPE)
    return done.stdout.decode().strip() or None


def _version(path):
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return tuple(int(part) for part in done.stdout.decode().strip().split(".") if part)


def main():
    """Run under Python 3.11 whatever `python3` is here."""
    if sys.version_info[:2] == WANTED:
        from infra.bootstrap import run
        from infra.unlisted import start_unlisted

        start_unlisted()
        return run(sys.argv[1:])
    path = other_python()
    if path is None:
        sys.stderr.write(MISSING.format(found=sys.version.split()[0]))
        return 2
    os.execv(path, [path, "-m", "infra"] + sys.argv[1:])  # noqa: RUF005  (an old Python must read this)


if __name__ == "__main__":
    sys.exit(main())
