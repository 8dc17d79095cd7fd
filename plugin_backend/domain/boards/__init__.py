"""From a script to shots, and how long each lasts."""
