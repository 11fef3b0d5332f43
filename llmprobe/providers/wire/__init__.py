"""The dialects: one file each, named after it, with the dialect as `DIALECT`. A new file here is a new dialect."""
