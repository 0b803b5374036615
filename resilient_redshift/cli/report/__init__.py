"""The report for auditors: what the past says about each plan, where each figure comes from, and what is not known.

Readers (``runs``, ``starters``, ``ages``, ``alarms``, ``switchovers``) ask AWS. ``figures`` counts. ``document`` makes
the JSON, and ``html_page`` and ``summary`` show that JSON.
"""
