"""Figures: rows in, SVG text or Plotly figures out. No queries, no callbacks."""
