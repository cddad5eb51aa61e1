"""Reports: one model, written once as HTML, CSV and JSON (contract §11)."""
