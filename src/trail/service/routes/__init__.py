"""The addresses of programs, a module a subject."""
