"""Self-contained HTML pages for reports: one layout, and pictures that are readable light, dark, small and printed."""
