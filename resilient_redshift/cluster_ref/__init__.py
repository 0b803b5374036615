"""Any cluster by reference: what is known about it, and which construct owns what of it."""
