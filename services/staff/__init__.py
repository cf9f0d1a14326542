"""What Vitrine's own staff may see and do; every use case checks its permission itself."""
