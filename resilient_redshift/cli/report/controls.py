"""The sections of a report, and the controls for which an auditor may use each. It promises no compliance."""

from __future__ import annotations

from typing import Final

#: For each section: its title, what it shows, and the controls that it serves as evidence for.
SECTIONS: Final = {
    "objectives": (
        "Objectives",
        "what the plan promises, as it is recorded now",
        ("DORA Art. 12(6)", "ISO 22301 8.4", "ISO 27001 A.5.30"),
    ),
    "present": (
        "Present state",
        "whether the promise could be kept now",
        ("DORA Art. 12(1)", "SOC 2 A1.2", "ISO 22301 9.1", "ISO 27001 A.8.13"),
    ),
    "age": (
        "Recovery point over time",
        "how many hours the newest copy was within the objective",
        ("DORA Art. 12(1)", "SOC 2 A1.2", "ISO 22301 9.1", "ISO 27001 A.8.13"),
    ),
    "runs": (
        "Restores: drills and failovers",
        "what was restored, checked and measured, and who started it",
        (
            "DORA Art. 11(6)",
            "DORA Art. 12(2)",
            "DORA Art. 12(7)",
            "DORA Art. 24(6)",
            "DORA Art. 25(1)",
            "SOC 2 A1.3",
            "ISO 22301 8.5",
            "ISO 27001 A.5.30",
            "ISO 27001 A.8.13",
        ),
    ),
    "failures": (
        "Failures and their mending",
        "what failed, and the next good run",
        ("DORA Art. 24(5)", "SOC 2 CC7.5", "ISO 22301 8.5", "ISO 22301 9.1"),
    ),
    "switchovers": (
        "Switchovers",
        "planned moves to the other Region, their rehearsals and the time of each step",
        ("DORA Art. 11(6)", "SOC 2 A1.3", "SOC 2 CC7.5", "ISO 22301 8.5", "ISO 27001 A.5.30"),
    ),
    "alarms": (
        "Alarms",
        "when an alarm rang, and how long",
        ("SOC 2 A1.2", "SOC 2 CC7.5", "ISO 22301 9.1"),
    ),
    "retention": (
        "Retention",
        "how long recovery points are kept, and what exists",
        ("DORA Art. 12(1)", "SOC 2 A1.2", "ISO 27001 A.8.13"),
    ),
    "limits": ("Limits", "how far back each source reaches, and what is not watched", ()),
    "gaps": ("Gaps", "what could not be read, and why", ()),
}
