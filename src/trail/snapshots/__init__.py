"""Forecast, cards and explanations sealed in a folder and verified offline."""
