"""The assessment of a period: one function that page, paper, API and notebook call, and what it gives."""
