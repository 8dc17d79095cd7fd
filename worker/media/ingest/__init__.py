"""Taking in what a provider made: every frame decoded within limits, measured, and laid into clean files."""
