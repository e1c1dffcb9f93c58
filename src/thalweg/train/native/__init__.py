"""Steps in native code: one call for many steps of an epoch, and the same bits on every processor."""
