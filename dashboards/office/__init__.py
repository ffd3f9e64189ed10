"""The office: what people make and no feed can bring again: accounts, sessions, a log of every change, what other parts add."""
