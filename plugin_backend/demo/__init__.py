"""`make demo`: an editor's whole job against the real service, over HTTP, from a brief to files on disk."""
