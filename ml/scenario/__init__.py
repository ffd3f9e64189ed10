"""What would help: cuts of emissions by sector, city and hours, and what they would change, with how wrong that may be.

    cuts = plan_cuts(plan, 2, cities, hours)                    # the orange level of a warning plan answer =
    respond(tags, cuts, first_hour=..., memory=...)    # ug/m3 by city and hour, of every member of the tag ensemble
    effect_of(answer, window, error=...)                        # with its interval, in words and numbers

The answer is that of a *removal*: what is gone is gone, and what is left reacts to it. It is no sum of shares.
"""
