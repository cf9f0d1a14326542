"""What Vitrine's own staff may see and do; every use case checks the role itself."""
