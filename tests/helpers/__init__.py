"""What several tests share: fakes, oracles, small data."""
