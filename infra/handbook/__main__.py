"""`python -m infra.handbook [--check | --find TEXT]`."""

from infra.handbook.page import main

if __name__ == "__main__":
    raise SystemExit(main())
