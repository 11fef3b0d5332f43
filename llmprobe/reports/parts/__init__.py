"""What several reports are made of: bars, facts, waterfalls, tables, the frame of a page."""
