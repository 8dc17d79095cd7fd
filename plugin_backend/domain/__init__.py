"""What the business is, in plain Python: no I/O, standard library only."""
