"""Host panels: one shared panel, one folder per host. Empty until the panel lands."""
