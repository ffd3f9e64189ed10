"""Why a forecast is so: the part that each group of inputs has in it, against a clean day of the season."""
