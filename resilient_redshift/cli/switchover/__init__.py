"""``resilient-redshift switchover`` and ``fence``: move a warehouse to the other Region as planned, and lose nothing.

A switchover is a row of steps. Each step looks at what is there before it changes anything, and changes one thing at a
time. So the command can end at any point, and the same command goes on from there (decision record 0021).
"""
