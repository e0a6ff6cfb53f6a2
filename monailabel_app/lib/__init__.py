"""Tasks of the Sagittal app; everything that is not MONAI Label's own lives in the package `sagittal`."""
