"""The way back: recovery site, plan, restore, drill and retention tiers."""
