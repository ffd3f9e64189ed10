"""The handbook "what to do when ...": entries as TOML, the page made from them, and the rule what has to have one."""
