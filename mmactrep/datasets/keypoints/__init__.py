"""COCO files with poses of any layout, and the data sets of mmdet and mmpose that read them."""
