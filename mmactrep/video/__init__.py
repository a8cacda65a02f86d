"""Pictures in: frames of files, cameras and streams."""
