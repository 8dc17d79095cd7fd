"""From a stored take to files on a timeline: plans, frame ranges, names, sound."""
