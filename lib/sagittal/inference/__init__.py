"""Inference: film -> mask and values -> inspection."""
