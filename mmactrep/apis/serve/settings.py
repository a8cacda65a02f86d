"""What a page may be asked for, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmactrep.errors import UserError
from mmactrep.video.frames import VideoFrames


class UploadError(UserError, ValueError):
    """A video that the page does not take."""


@dataclass(frozen=True)
class ServeSettings:
    """Settings of a page.

    Args:
        host: Address that it is bound to; the default is reached from this machine alone.
        port: Its port; 0 for any that is free.
        max_seconds: Longest video, in seconds.
        max_megabytes: Largest upload, in MB.
        max_pixels: Largest picture of a video, height times width.
        keep_minutes: Results are removed after this time, uploads at once.
        teach: Whether the page teaches models.
        taught: Folder of the models that it taught.
    """

    host: str = '127.0.0.1'
    port: int = 7860
    max_seconds: float = 60.0
    max_megabytes: int = 100
    max_pixels: int = 4096 * 2304
    keep_minutes: int = 30
    teach: bool = True
    taught: Path = Path('work_dirs', 'serve')

    def check_video(self, path: str | Path) -> VideoFrames:
        """Open an upload, if it is a video within the limits; only its headers are read.

        Raises:
            UploadError: If it is too large or too long; the message says by how much.
            VideoError: If it is no video.
        """
        size = Path(path).stat().st_size
        if size > self.max_megabytes * 1e6:
            raise UploadError(
                f'the video has {size / 1e6:.0f} MB, this page takes at most {self.max_megabytes} MB'
            )
        video = VideoFrames(path, allow_damaged=True)
        if video.size[0] * video.size[1] > self.max_pixels:
            raise UploadError(
                f'the video has pictures of {video.size[1]} x {video.size[0]} pixels, this page takes at '
                f'most {self.max_pixels / 1e6:.0f} million pixels'
            )
        rate = video.fps or 25.0
        seconds = video.num_frames / rate
        if seconds > self.max_seconds:
            raise UploadError(
                f'the video is {seconds:.0f} seconds long, this page takes at most {self.max_seconds:.0f}: '
                'cut out what you want to see'
            )
        return video
