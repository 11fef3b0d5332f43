"""The dialects: one file each, named after it, which holds it as `DIALECT`. A new file is a new dialect."""
