"""The HTTP service: what a project knows, answered to programs and to a page, behind keys and limits."""
