"""What deliveries are made from, behind one Protocol: frames of ours, a provider's EXR frames, its movies."""
