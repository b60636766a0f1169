"""One schedule under other values of the secrets: does what comes out depend on them?"""
