"""Write docs/leakage.md's tables, sheets and pictures anew from results/: ``python -m tools.leakage``."""
