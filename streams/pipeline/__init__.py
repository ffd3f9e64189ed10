"""The Flink job and what runs it; the only package that imports PyFlink."""
