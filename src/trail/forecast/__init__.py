"""The TRAIL forecaster and its shortlist."""
