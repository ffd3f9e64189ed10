"""On which terms the data are given away: stated in every answer and in the head of every file."""

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
SOURCE = "Joint air-quality assessment platform of eight cities of the Chengdu Plain (airshed)"
CITATION = f"{SOURCE}: hourly air quality, data version {{version}}"
PERIOD = "hour: mean over the hour that ends at hour_end (UTC); day: natural day in Asia/Shanghai, hours ending 01:00 to 24:00"
NOTICE = "provisional until status is reviewed; simulated is true where a row is no measurement"


def citation(version: str) -> str:
    """Give how a data version is cited."""
    return CITATION.format(version=version)
