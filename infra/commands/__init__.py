"""Groups of the command line, a module each: they read arguments, call functions, and show what these give."""
