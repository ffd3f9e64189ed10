"""Documents: an assessment as PDF, Word, sheets, CSV and JSON, in the form that an ecology bureau uses."""
