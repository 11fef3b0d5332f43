"""
The error in whatever came back: each shape has its own reader, given as data.

Vendors, routers and gateways put an error into an `error` object, a string, an array, a flat object,
`detail`, `base_resp`, a JSON string inside `metadata.raw` … (providers.md section 25.3, read
2026-11-22). `shapes` lists them; `read` turns what fits one of them into an `ErrorObject`.
What fits none of them is not searched.
"""

from llmprobe.providers.error_object.identifiers import canonical
from llmprobe.providers.error_object.read import error_from_header, find_error, read_error
from llmprobe.providers.error_object.texts import embedded_json

__all__ = ["canonical", "embedded_json", "error_from_header", "find_error", "read_error"]
