"""Compile the classes: `python -m streams.pipeline.java`."""

from streams.pipeline.java import build

build()
