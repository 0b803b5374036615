"""CloudWatch's alarms on the virtual clock: datapoints, evaluation, composite alarms, mute rules, and what their actions do.

* ``series``: the datapoints of one metric.
* ``expressions``: metric math.
* ``judgement``: the state that a row of datapoints gives.
* ``metric_alarms``: an alarm's definition, and its row of datapoints at a moment.
* ``evaluation``: which alarm is looked at when.
* ``suppression``, ``mutes``: which actions run, and when.
* ``actions``: the actions.
* ``reading``: GetMetricData.

ministack keeps the records, and answers the API; its own evaluation is replaced.
"""

from __future__ import annotations
