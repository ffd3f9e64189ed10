"""`python -m infra.standards_page [--check]`."""

from infra import terminal
from infra.standards_page.page import main

if __name__ == "__main__":
    raise SystemExit(terminal.to_the_end(main))
