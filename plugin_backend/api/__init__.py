"""The HTTP contract: one file per resource."""
