"""Private keys in formats of their own: of Windows and .NET, PuTTY, Java, PKCS#12, OpenPGP; and the state of ChaCha20."""
