"""Tables of laboratories: read, kept in the store, and taken out again; they reach the store by a command, not by the engine."""
