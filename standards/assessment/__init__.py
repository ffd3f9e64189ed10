"""The assessment of periods: statistics, validity, compliance, composite index, ranking, events, trends (HJ 663, GB 3095)."""
