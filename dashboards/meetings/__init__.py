"""The joint meeting of the eight cities: who hosts it, what is due when, what it decided, and who has to do what."""
