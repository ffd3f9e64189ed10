"""The figures of the page, one module a section: gathered data in, HTML with drawings out. Pure."""
