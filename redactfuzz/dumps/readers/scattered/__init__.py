"""Formats in which one value lies in several places: what of it stands in each is put together."""
