"""Rolling-origin backtests, metrics, significance, report."""
