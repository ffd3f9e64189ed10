"""From folders of files to topics: what is read as one, when it is ready, and that it is published once."""
