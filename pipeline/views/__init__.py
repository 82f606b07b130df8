"""The pages of the pipeline: board, deals, leads and review."""
