"""An agent that lies, for scenarios: a server with the owner's own TLS key in
front of the true agent, which alters what the file "lie" says and passes on
everything else.

usage: liar.py UPSTREAM    UPSTREAM being the true agent's HOST:PORT

In the current folder: agent.pem and vendor.pem (certificate and key of both
ends), answers.key (the age identity that answers are sealed to), recipient (its
recipient), true (the answers to releases, by batch, as they should be: each is
written down as it passes).  It prints its address, and ends when its standard
input does.
"""

import base64
import http.client
import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import threading

UPSTREAM = sys.argv[1]
HANDOFF = os.environ["HANDOFF"]


def run(words, data):
    return subprocess.run(
        [HANDOFF, *words], input=data, stdout=subprocess.PIPE, check=True
    ).stdout


def unseal(data):
    return json.loads(run(["open", "-i", "answers.key"], data))


def seal(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    with open("recipient") as f:
        return run(["seal", "-r", f.read().strip()], text.encode())


def other(batch):
    """The true answer to the release of another batch."""
    for name in os.listdir("true"):
        if name != batch:
            with open("true/" + name) as f:
                return json.load(f)
    raise LookupError("nothing else was released")


def flip(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def flip_header(text, mark):
    """Another first character of the wrapped key (the line behind "-> "), or of
    the MAC (behind "--- ")."""
    raw = base64.b64decode(text).decode()
    at = raw.index(mark)
    at = at + len(mark) if mark == "--- " else raw.index("\n", at) + 1
    return base64.b64encode(flip(raw, at).encode()).decode()


def line(text, n, change):
    lines = text.split("\n")
    lines[n] = change(lines[n])
    return "\n".join(lines)


# Lies about a release: o is the answer, which each changes in place.


def swap(*names):
    def lie(o):
        one, two = o["shards"][:2]
        for name in names:
            one[name], two[name] = two[name], one[name]

    return lie


def foreign(*names):
    def lie(o):
        for name in names:
            o["shards"][0][name] = other(o["batch"])["shards"][0][name]

    return lie


def proof(change):
    """The last hash of the proof stands before the empty line."""

    def lie(o):
        lines = o["receipt"].split("\n")
        n = lines.index("") - 1
        o["receipt"] = line(o["receipt"], n, change)

    return lie


def index_line(o):
    n = next(
        i for i, t in enumerate(o["receipt"].split("\n")) if t[:6] == "index "
    )
    o["receipt"] = line(
        o["receipt"], n, lambda t: "index %d" % (int(t[6:]) - 1)
    )


def signature(o):
    o["receipt"] = line(o["receipt"], -2, lambda t: flip(t, len(t) - 20))


def take(name):
    def lie(o):
        o[name] = other(o["batch"])[name]

    return lie


def receipt_and_number(o):
    take("receipt")(o)
    take("release")(o)


def all_of_it(o):
    o.update(other(o["batch"]))


def fewer(o):
    o["shards"].pop()


def more(o):
    o["shards"].append(dict(o["shards"][-1], n=len(o["shards"])))


def size(o):
    o["shards"][0]["bytes"] += 1


def skip(o):
    o["shards"][0]["skip"] += 1


def header(name, mark):
    def lie(o):
        o["shards"][0][name] = flip_header(o["shards"][0][name], mark)

    return lie


def manifest_is_a_shard(o):
    o["manifest"] = o["shards"][0]["index"]


RELEASES = {
    "header-of-the-next-shard": swap("header"),
    "header-of-another-batch": foreign("header"),
    "header-flipped": header("header", "-> "),
    "header-without-its-mac": header("header", "--- "),
    "index-header-of-the-next-shard": swap("index_header"),
    "index-header-flipped": header("index_header", "-> "),
    "index-of-the-next-shard": swap(
        "index", "index_bytes", "index_header", "index_skip"
    ),
    "index-of-another-batch": foreign(
        "index", "index_bytes", "index_header", "index_skip"
    ),
    "shard-of-another-batch": foreign("object", "bytes", "header", "skip"),
    "size-of-a-shard": size,
    "skip-of-a-shard": skip,
    "shards-swapped": swap("object", "bytes", "header", "skip"),
    "one-shard-fewer": fewer,
    "one-shard-more": more,
    "manifest-of-another-batch": take("manifest"),
    "manifest-is-no-manifest": manifest_is_a_shard,
    "proof-flipped": proof(lambda t: flip(t, 10)),
    "index-in-the-log": index_line,
    "signature-flipped": signature,
    "receipt-of-another-batch": receipt_and_number,
    "number-of-the-release": take("release"),
    "answer-of-another-batch": all_of_it,
}


# Lies about the list.


def row(name, change):
    def lie(o):
        for b in o["batches"]:
            b[name] = change(b[name])

    return lie


def sizes_swapped(o):
    one, two = o["batches"][:2]
    name = "manifest_bytes"
    one[name], two[name] = two[name], one[name]


def steering(o):
    for b in o["batches"]:
        for name in ("name", "state", "until"):
            b[name] = "\x1b[2J\n\x9b\u202e" + name


LISTS = {
    "list-that-steers-a-terminal": steering,
    "manifest-of-another-batch": sizes_swapped,
    "list-with-a-path-for-an-id": row("batch", lambda id: "../../" + id),
    "list-with-another-count": row("shards", lambda n: n + 1),
}


# Lies about an object: what is sent of bytes that begin at first, middle being
# half of the whole.  The same lie whichever range is asked for.


def bit(body, first, middle):
    at = middle - first
    if not 0 <= at < len(body):
        return body
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


OBJECTS = {
    "bit": bit,
    "short": lambda body, first, middle: body[: max(middle - first, 0)],
    "long": lambda body, first, middle: body + b"x" * 100,
}


def current():
    """The lie of now: "-" or a name, and for objects a digest behind it."""
    with open("lie") as f:
        return (f.read().split() + ["-", "-"])[:2]


def client():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    c.load_cert_chain("vendor.pem")
    return c


class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *words):
        pass

    def ask(self):
        up = http.client.HTTPSConnection(UPSTREAM, context=client(), timeout=60)
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length) if length else None
        keep = ("Handoff-Request", "Content-Type", "Range")
        up.request(
            self.command,
            self.path,
            body,
            {k: self.headers[k] for k in keep if k in self.headers},
        )
        r = up.getresponse()
        data = r.read()
        up.close()
        return r, data

    def alter(self, data, content_range):
        lie, about = current()
        m = re.match(r"/v1/batches/(b-\w+)/release$", self.path)
        if m:
            o = unseal(data)
            with open("true/" + m[1], "w") as f:
                json.dump(o, f)
            if lie in RELEASES:
                RELEASES[lie](o)
                return seal(o)
        if self.path == "/v1/batches" and lie in LISTS:
            o = unseal(data)
            LISTS[lie](o)
            return seal(o)
        if self.path == "/v1/objects/" + about and lie in OBJECTS:
            m = re.match(r"bytes (\d+)-\d+/(\d+)$", content_range or "")
            first, whole = (int(m[1]), int(m[2])) if m else (0, len(data))
            return OBJECTS[lie](data, first, whole // 2)
        return data

    def do(self):
        r, data = self.ask()
        if r.status in (200, 206):
            data = self.alter(data, r.getheader("Content-Range"))
        self.send_response(r.status)
        for k in ("Content-Type", "Content-Range"):
            if r.getheader(k):
                self.send_header(k, r.getheader(k))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do


def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_cert_chain("agent.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    print("127.0.0.1:%d" % server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
