"""The error of every reader and writer of datasets."""


class DatalistError(ValueError):
    """A dataset is missing, is not in the layout, or cannot be written; the text names the file and what is wrong."""
