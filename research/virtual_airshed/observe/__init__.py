"""What instruments would have seen of a run: files in the layouts of the feeds, and a record of every fault put into them.

All of it is simulated: each file says so in a column of its own, each place in the registry by its code and its
source.
"""
