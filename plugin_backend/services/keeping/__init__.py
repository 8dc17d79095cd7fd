"""What is kept and what goes: retention, storage, exports, forgetting."""
