"""Private keys in formats of their own: Windows and .NET, PuTTY, Java, PKCS#12, OpenPGP; and ChaCha20's state."""
