"""The bench: questions that take longer than a page may, worked out one at a time behind the platform (docs/bench.md)."""
