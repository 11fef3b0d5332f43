"""Reports over a time: the history as a page, as Markdown, as text and as JSON."""
