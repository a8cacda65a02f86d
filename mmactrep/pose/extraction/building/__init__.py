"""From lists of videos and labels to data sets like Posetics and PoseCap-1M (thesis 3.5, 6.3.1)."""
