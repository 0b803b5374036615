"""What one stack shares: services, settings, machines, compliance, and checks of its template."""
