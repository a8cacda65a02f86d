"""Frames of files, cameras and streams."""
