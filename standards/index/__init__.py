"""The air quality index: breakpoints by edition, hourly and daily indices, levels and their words (HJ 633)."""
