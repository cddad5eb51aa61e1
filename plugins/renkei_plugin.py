"""The Airflow plugin: the product's pages in the navigation, and the guard of the sessions."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from renkei_airflow.guard.middleware import SessionGuard
from renkei_airflow.pages.app import app

_CATEGORY = "連携 renkei"


def _view(name: str, path: str) -> dict[str, str]:
    route = f"renkei-{path}"
    href = f"renkei/{path}/"
    return {"name": name, "href": href, "destination": "nav", "category": _CATEGORY, "url_route": route}


class RenkeiPlugin(AirflowPlugin):
    """Pages at /renkei/, each behind Airflow's own authorization."""

    name = "renkei"
    fastapi_apps: list[Any] = [{"app": app, "url_prefix": "/renkei", "name": "renkei"}]  # noqa: RUF012  Airflow's own form
    fastapi_root_middlewares: list[Any] = [{"middleware": SessionGuard, "name": "renkei sessions"}]  # noqa: RUF012  Airflow's own form
    external_views: list[Any] = [  # noqa: RUF012  Airflow's own form
        _view("実行レポート / Run reports", "reports"),
        _view("判断待ち / What waits", "waits"),
        _view("処理リスト / Worklists", "worklists"),
        _view("本人照会 / Look-up", "person"),
        _view("証跡 / Audit trail", "trail"),
        {
            "name": "実行レポート / Reports",
            "href": "renkei/dags/{DAG_ID}/runs/{RUN_ID}/",
            "destination": "dag_run",
            "url_route": "renkei-run",
        },
    ]
