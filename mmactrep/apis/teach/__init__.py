"""From one's own videos to a tested recognizer and a report, in one call; see :func:`.pipeline.teach`."""
