"""How fast odd oxygen (O3 + NO2) is made and lost, as a table from a published mechanism. See README.md beside this file."""
