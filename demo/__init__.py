"""``make demo``: the example deployed to an AWS that runs on this machine, and five weeks of what it then does.

``story`` tells it in steps, ``observe`` reads what stands in both Regions, ``history`` makes lives and ages of what was
read, ``timeline`` and ``picture`` draw them, ``screen`` talks to the reader.
"""
