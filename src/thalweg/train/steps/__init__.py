"""One step: its program, planned on preallocated buffers, and the chunk of slots that runs it."""
