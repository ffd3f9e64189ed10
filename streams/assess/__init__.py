"""Pure arithmetic on arrays of station-hours: means, indices, quality flags, joins, episodes."""
