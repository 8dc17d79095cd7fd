"""What people say of takes: stars, words on frames, approvals."""
