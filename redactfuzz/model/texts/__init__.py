"""Texts as they are shown, and as a shell or a stream takes them."""
