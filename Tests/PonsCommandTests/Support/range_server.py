"""Serves one file over HTTP with ranges and an entity tag, on a port that it writes to the file `port`.

    python3 range_server.py FILE [CUT [--no-ranges]]

The first answer ends after CUT bytes, as if the line broke. Requests are written to the file `log`.
"""
import hashlib, http.server, pathlib, sys

path = pathlib.Path(sys.argv[1])
cut = int(sys.argv[2]) if len(sys.argv) > 2 else None
ranges = "--no-ranges" not in sys.argv


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global cut
        data = path.read_bytes()
        tag = '"' + hashlib.md5(data).hexdigest() + '"'
        wanted = self.headers.get("Range")
        with open("log", "a") as log:
            print(self.path, wanted, self.headers.get("If-Range"), file=log)
        if self.path != "/" + path.name:
            return self.send_error(404)
        start = 0
        if ranges and wanted and self.headers.get("If-Range", tag) == tag:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", tag)
        self.end_headers()
        rest = data[start:]
        if cut is not None:
            rest, cut = rest[:cut], None
        self.wfile.write(rest)
        self.close_connection = True

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
pathlib.Path("port.new").write_text(str(server.server_port))
pathlib.Path("port.new").rename("port")
server.serve_forever()
