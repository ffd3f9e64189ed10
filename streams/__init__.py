"""From raw bytes to stored hours: sources, wire, memory, assess, desks, pipeline, store."""
