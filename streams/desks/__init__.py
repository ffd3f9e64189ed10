"""One message in, changed rows out: the desks of a city, of its organic compounds and of the region."""
