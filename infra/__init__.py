"""How the platform runs: its environment, command line, supervision of processes and checks of the machine."""
