"""Steps of the nightly run."""
