"""The shipped sample: real public station hours of the eight cities."""
