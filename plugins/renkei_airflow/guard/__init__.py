"""Log-on, log-off and lockout: who works in the browser, since when, and when that ends by itself (domain §10)."""
