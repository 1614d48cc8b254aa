"""Who may ask: API keys, OpenID Connect tokens, and the scopes that they carry."""
