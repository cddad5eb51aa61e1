"""The library of renkei, the daily file exchange; it imports no Airflow."""

__version__ = "0.1.0"
