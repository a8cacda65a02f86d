"""Trained models beyond PyTorch's Python: files for ONNX Runtime, and programs of ``torch.export``."""
