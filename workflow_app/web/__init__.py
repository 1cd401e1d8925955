"""Pages for people, the interface for programs, and the picture of a case. The only package that knows Flask."""
