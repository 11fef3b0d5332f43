"""The library: what the commands do, for Python programs. Handed out by `llmprobe` itself."""
