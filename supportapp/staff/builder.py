"""Flask-AppBuilder, without what we do not use of it."""

from __future__ import annotations

from flask_appbuilder import AppBuilder

from supportapp.staff.home import HomeView


class StaffBuilder(AppBuilder):
    """No API, no menu API, no GET that changes the language, no Back page: only the views we declare."""

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(HomeView)
        self.sm.register_views()
