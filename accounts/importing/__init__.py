"""Import of accounts, contacts and activities from CSV and Excel.

reading (bytes → rows of text) → columns (which heading means what) → cleaning (text → values, by the rules of the forms)
→ matching (which record a row is about, and what it would change) → writing (in parts, by workers). `steps` ties them to
runs, `services` is what pages call, `results` says what came of it.
"""
