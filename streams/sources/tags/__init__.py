"""Tagged contributions from files: receptors, CMAQ-ISAM grids and CAMx-OSAT grids (docs/layouts/tags.md)."""
