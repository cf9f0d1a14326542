"""What a tier includes: one table that everything reads which depends on what somebody has paid for."""
