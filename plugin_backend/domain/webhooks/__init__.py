"""Which events there are to hear of, and how a message is signed."""
