"""What pages say of themselves: a file that does not say it is somebody else's, and is not overwritten."""

GENERATOR = "redactfuzz report"
"""Of a page in HTML: its ``<meta name="generator">``."""
MARK = "<!-- redactfuzz report -->"
"""Of one in Markdown, where nobody sees it."""
