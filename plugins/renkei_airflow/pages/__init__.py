"""The product's pages inside Airflow's web server: each route behind Airflow's own authorization."""
