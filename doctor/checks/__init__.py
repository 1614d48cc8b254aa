"""The checks, by what they look at; `doctor.register` lists them all."""
