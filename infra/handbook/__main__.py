"""`python -m infra.handbook [--check | --find TEXT]`."""

from infra import terminal
from infra.handbook.page import main

if __name__ == "__main__":
    terminal.prepare()
    raise SystemExit(terminal.to_the_end(main))
