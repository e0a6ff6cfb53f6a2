"""The module's self-test: runs inside Slicer (Reload and Test) and on any scene of slicer-core."""
