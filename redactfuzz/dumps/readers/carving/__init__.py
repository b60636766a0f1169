"""What lies compressed, or as a container, anywhere in an image: found by its first bytes, tried, and opened."""
