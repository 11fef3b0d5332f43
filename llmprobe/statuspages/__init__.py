"""The vendors' own status pages: read, and boiled down to what they say of the API."""

from llmprobe.statuspages.read import Wanted, page_of, read_page, read_pages

__all__ = ["Wanted", "page_of", "read_page", "read_pages"]
