"""The embedded engine: an honest procedural previz renderer."""
