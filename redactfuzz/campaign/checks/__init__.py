"""What must hold before a pass means something, and the certificate that says it."""
