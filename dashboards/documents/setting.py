"""Sets one form as PDF in a process of its own: `python setting.py FORM FONTS < data > document.pdf`.

Typst keeps what it has worked out for as long as its process lives, some 50 MB a document, and a form may run without end:
both end with this process. It imports nothing of the project, so that it starts in a tenth of a second.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typst

BROKEN = 3
"""How the process ends where the form is broken: stderr has the message and the diagnostic as JSON."""
STANDARD = "a-2b"
"""PDF/A, for archives."""


def main(form: str, fonts: str) -> int:
    """Set what stands on stdin; returns how the process ends."""
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    try:
        setter = typst.Compiler(form, root=Path(form).parent, font_paths=own, sys_inputs={"data": sys.stdin.read()})
        sys.stdout.buffer.write(setter.compile(format="pdf", pdf_standards=[STANDARD]))
    except typst.TypstError as error:
        sys.stderr.write(json.dumps([error.message, error.diagnostic]))
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stderr.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1], sys.argv[2]))
