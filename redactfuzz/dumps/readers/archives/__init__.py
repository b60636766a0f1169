"""Archives of files: tar, ar, cpio."""
