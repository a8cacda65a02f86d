"""From a list of videos to a skeleton store: resumable, distributed over processes and machines."""
