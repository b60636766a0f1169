"""Keys as programs write them into files of their own, for tunnels, signatures, tickets and sessions."""
