"""Reports: one model, written once as HTML, CSV and JSON (issue part 9; contract §11)."""
