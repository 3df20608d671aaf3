"""The demo, started from a page: a server of its own beside this one, with a library and an account of its own."""

import threading
from contextlib import ExitStack

from cratewise.demo import running_demo
from cratewise.settings import Settings
from cratewise.spotify.sandbox.server import CREATION_LAG


class Trial:
    """At most one demo, from when somebody first asks for it until the program ends.

    Args:
        settings: The person's settings; nothing of their own library or account is touched.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._address = ""

    def start(self) -> str:
        """Starts it if it does not run, and says where it is.

        Raises:
            InUseError: A demo of another process runs over the same folder.
            SettingsError: There is no port for it.
        """
        from cratewise.web.server import WebServer, listen  # which offers this

        with self._lock:
            if not self._address:
                with ExitStack() as opening:
                    demo = opening.enter_context(running_demo(self._settings, lag=CREATION_LAG))
                    listening = opening.enter_context(listen(demo.app.settings.host, 0))
                    server = WebServer(demo.app)
                    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
                    thread.start()
                    opening.callback(thread.join)
                    opening.callback(server.stop)
                    self._open = opening.pop_all()
                self._address = f"http://{demo.app.settings.host}:{listening.getsockname()[1]}"
            return self._address

    def close(self) -> None:
        """Ends it, if it runs."""
        with self._lock:
            self._open.close()
            self._address = ""
