"""Content Credentials: what is said of a file, signed into it last of all, and read back."""
