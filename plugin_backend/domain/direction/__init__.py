"""Direction: from an editor's words to a plan of a shot."""
