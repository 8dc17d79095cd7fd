"""Finished files, read back as if somebody else had written them."""
