"""Timeline files for every host."""
