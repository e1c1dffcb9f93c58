"""The loop over epochs, here or in workers: filling slots, stopping, halving."""
