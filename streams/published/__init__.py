"""Daily values of cities that somebody published: read from files, and kept in the store as what they are."""
