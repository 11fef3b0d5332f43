"""Reading that ends, and writing that leaves a whole file with the right mode."""

from llmprobe.files.paths import exists, usable
from llmprobe.files.read import TooLongError, read_bytes, read_until
from llmprobe.files.write import PRIVATE, append_text, make_private, private_folder, write_bytes, write_text

__all__ = [
    "PRIVATE",
    "TooLongError",
    "append_text",
    "exists",
    "make_private",
    "private_folder",
    "read_bytes",
    "read_until",
    "usable",
    "write_bytes",
    "write_text",
]
