"""SSTA-PRS: pseudo truth from confident aggregates, and pictures to measure students on (thesis 3.3.3)."""
