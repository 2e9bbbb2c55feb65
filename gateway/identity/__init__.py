"""Who is at the other end, and how that is proven."""
