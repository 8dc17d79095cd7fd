"""The report as a page that people read: one file, no scripts, nothing fetched, the same numbers."""
