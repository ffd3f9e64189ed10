"""Who made the air: contributions of sectors and places from tagged runs, corrected by what the real world sends.

    tags = ensemble_of(...)                      what >= 1 runs with tags say               tags
    seen = Observations(...)                     what was measured, each feed may be missing  observations
    how = learn(tags, seen)                      correction learned on pseudo-worlds          learn
    attribution = attribute(tags, seen, how)     contributions, shares, intervals             attribute
    summary(attribution.episode(...), "zh")      in words                                     words

Pure: arrays in, arrays out, no clock, no files but the package's own tables. docs/attribution.md has the method and
its scores.
"""
