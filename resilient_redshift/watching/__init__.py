"""The watch over recovery points: what is watched, who is told, and guardrails that keep them from being destroyed."""
