"""The vendors' own status pages: read, and boiled down to what they say of the API."""

from llmprobe.statuspages.read import PageSource, page_of, read_page, read_pages, speaks_for

__all__ = ["PageSource", "page_of", "read_page", "read_pages", "speaks_for"]
