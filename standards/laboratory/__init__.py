"""Samples of laboratories: values below a limit without substitution, units of media, CAS numbers, lists of pollutants."""
