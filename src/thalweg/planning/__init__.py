"""Planning a computation before it is paid for: work, memory, time, money and energy."""
