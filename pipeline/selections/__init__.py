"""Which rows a page shows, read from its address: a module for each subject."""
