"""Attribution as a running part of the platform: from the store to rows of the table attribution, and nothing from later.

    gathered = gather(engine, cities, first, end)     what the store knows of some hours          gather, instruments, emitted
    seen = observed_in(gathered, first, last)         with stacks, compounds, micro-stations      corrections, sent
    ladder = decide(gathered, correction)             tags, light tagger, inventory, nothing      decide
    rows = rows_of(ladder, ...)                       hours, days, episodes as rows               rows
    publish(topics, rows, rejects, ...)               to the materialiser                         streams.store.attribution

`python -m ml.attributing` watches and starts the worker when there is work (watching, worker); `airshed attribute` does a
history (history). Corrections are learned apart and kept as files (corrections).
"""
