"""How much may be asked: each client's quota, and what each model has room for."""
