"""Features of frozen teachers, computed once: texts and videos of clips into a feature store."""
