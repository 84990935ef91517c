"""The card of a home as somebody else would make it: the same name and home,
keys of his own, signed rightly by them.

usage: another_card.py CARD >OTHER   (needs openssl; leaves evil.pem)"""
import base64
import hashlib
import json
import subprocess
import sys


def canonical(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True,
                      ensure_ascii=False).encode()


def openssl(*words, text=None):
    return subprocess.run(["openssl", *words], input=text, check=True,
                          capture_output=True).stdout


def verifier(name, public):
    """C2SP signed-note."""
    key = b"\x01" + public
    head = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{head}+{base64.b64encode(key).decode()}"


with open(sys.argv[1], encoding="utf-8") as f:
    statement = json.loads(base64.b64decode(json.load(f)["payload"]))
openssl("genpkey", "-algorithm", "ed25519", "-out", "evil.pem")
public = openssl("pkey", "-in", "evil.pem", "-pubout", "-outform", "DER")[-32:]
card = statement["predicate"]
card["tls"] = public.hex()
for key in "verifier", "log":
    if key in card:
        card[key] = verifier(card[key].split("+")[0], public)
statement["subject"][0]["digest"]["sha256"] = hashlib.sha256(
    public).hexdigest()
payload = canonical(statement)
kind = "application/vnd.in-toto+json"
with open("evil.pae", "wb") as f:
    f.write(b"DSSEv1 %d %s %d " % (len(kind), kind.encode(), len(payload)) +
            payload)
signature = openssl("pkeyutl", "-sign", "-inkey", "evil.pem", "-rawin", "-in",
                    "evil.pae")
print(canonical({
    "payload": base64.b64encode(payload).decode(),
    "payloadType": kind,
    "signatures": [{"keyid": hashlib.sha256(public).hexdigest(),
                    "sig": base64.b64encode(signature).decode()}],
}).decode())
