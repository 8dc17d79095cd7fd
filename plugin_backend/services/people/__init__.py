"""Who may come in: accounts' keys, sessions, invitations, joining, members, workspaces."""
