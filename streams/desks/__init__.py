"""One message in, changed rows out: the desks of a city, of its hours of species and of the region."""
