"""What comes next: forecasts by hour and by day with quantiles, the index they make, and weights by past scores."""
