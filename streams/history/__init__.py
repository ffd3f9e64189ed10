"""Bounded history on one machine without the engine: the same desks, in parallel by city, straight into the store."""
