"""The Forecaster protocol and every forecaster without a language model."""
