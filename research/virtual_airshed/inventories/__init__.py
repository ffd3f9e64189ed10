"""What the virtual airshed emits, where and as which species: illustrative numbers, no inventory of any city."""
