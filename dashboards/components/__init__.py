"""Parts of pages: rows in, Dash components out. No queries, no callbacks."""
