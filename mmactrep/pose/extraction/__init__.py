"""From a list of videos to a skeleton store: resumable, over processes and machines."""
