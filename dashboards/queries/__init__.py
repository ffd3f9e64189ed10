"""What the pages ask of the store: SQLAlchemy Core in, plain rows out."""
