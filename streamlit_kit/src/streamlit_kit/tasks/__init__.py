"""Background tasks: one pool of threads for an app, shared fairly by its sessions."""
