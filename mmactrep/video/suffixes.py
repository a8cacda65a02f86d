"""Which files are taken for videos."""

#: File name suffixes recognized as videos when a folder is searched.
VIDEO_SUFFIXES = (
    '.3gp', '.avi', '.flv', '.m2ts', '.m4v', '.mkv', '.mov',
    '.mp4', '.mpeg', '.mpg', '.mts', '.ts', '.webm', '.wmv',
)  # fmt: skip
