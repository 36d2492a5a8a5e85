"""Stands for Triton: an HTTP server with one Python model in a process that is called as Triton's are.

Arguments: a folder, the flags. What is in the folder says how it fares: `refuses` lets it end at its start.
"""

import http.server
import json
import os
import signal
import sys
import time
from pathlib import Path

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2].partition("=")[2])
CONFIG = {"input": [{"name": "PARAMETERS"}]}
ASKED = "/v2/models/edit/generate_stream"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        told = {"/v2/models/edit/config": CONFIG, "/v2/models/edit/stats": {"model_stats": []}}
        self._answer(200, json.dumps(told.get(self.path, "")).encode())

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert (self.path, asked["check"]) == (ASKED, True)
        state = Path(f"/proc/{PID}/stat").read_text().rpartition(")")[2].split()[0]
        # As Triton does of a process that is stopped; a computing one is as silent.
        self._answer(*((200, b'data: {"EVENT": "{}"}') if state == "S" else (400, b"not healthy")))

    def _answer(self, code, text):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Says nothing."""


with (FOLDER / "starts").open("a") as starts:
    starts.write(f"{os.getpid()}\n")
if (FOLDER / "refuses").exists():
    sys.exit(7)
Path("/dev/shm", f"{FOLDER.name}-region").touch()
(FOLDER / "restarts").write_text(os.environ["LANGDESIGN_SUPERVISOR_RESTARTS"])
PID = os.fork()
if PID == 0:
    # The model's file is the first argument, as in Triton's command line.
    os.execv(sys.executable, [sys.executable, f"{FOLDER}/models/edit/1/model.py", str(FOLDER)])
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
loaded = FOLDER / "stub"
while not loaded.exists() or loaded.read_text() != str(PID):
    time.sleep(0.01)
http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
