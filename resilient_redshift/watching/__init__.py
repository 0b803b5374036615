"""The watch over recovery points: guardrails that keep them from being destroyed."""
