"""Maintenance of what is generated; no part of the package."""
