"""Object storage: a local folder or S3, and the URLs that open it."""
