"""Speed and memory: `make bench`. Figures are medians of whole processes; nothing here is a test."""
