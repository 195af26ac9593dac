"""Drivers, writer, retries, receipts."""
