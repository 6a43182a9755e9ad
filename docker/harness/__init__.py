"""Runs a pushed training script unmodified inside the training container, with Keras watched.

Only the standard library and Keras are imported: every import is paid for at the start of every trial.
"""
