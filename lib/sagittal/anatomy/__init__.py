"""Anatomy: class mask to landmarks to spino-pelvic parameters. Needs numpy and scipy alone."""
