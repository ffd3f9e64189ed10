"""Tables of any city, read by a column map: a small TOML that says what each column means. docs/layouts/map.md describes both."""
