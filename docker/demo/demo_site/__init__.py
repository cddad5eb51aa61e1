"""The demo site: a ward, its registry, the agency and Airflow on one machine, behind `make run`, `up` and `down`."""
