"""Writes docs/standards.md from the tables of the standards: python -m infra.standards_page."""
