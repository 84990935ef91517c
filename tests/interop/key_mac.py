"""Is the MAC of a key file right?  Written from docs/FORMATS.md alone.

usage: key_mac.py FILE-WITH-THE-SECRET HOME KIND <PLAINTEXT [RECIPIENT]

With a recipient, the secret is what X25519 gives of both (openssl)."""
import hashlib
import hmac
import re
import subprocess
import sys


def bech32(text):
    """The bytes of a Bech32 string (BIP 173), its checksum not looked at."""
    digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{digits.index(c):05b}"
                   for c in text.lower().rpartition("1")[2][:-6])
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits) - 7, 8))


def x25519(secret, public):
    """RFC 7748, by openssl: keys as DER (RFC 8410)."""
    with open("mine.der", "wb") as f:
        f.write(bytes.fromhex("302e020100300506032b656e04220420") + secret)
    with open("theirs.der", "wb") as f:
        f.write(bytes.fromhex("302a300506032b656e032100") + public)
    return subprocess.run(
        ["openssl", "pkeyutl", "-derive", "-inkey", "mine.der", "-keyform",
         "DER", "-peerkey", "theirs.der", "-peerform", "DER"],
        check=True, capture_output=True).stdout


def derived(secret, *names):
    """HKDF-SHA-256 (RFC 5869), no salt, one block."""
    info = b"".join(len(n).to_bytes(4, "big") + n.encode() for n in names)
    prk = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(prk, info + b"\1", "sha256")


key = bech32(re.search("AGE-SECRET-KEY-1[A-Z0-9]+",
                       open(sys.argv[1], encoding="ascii").read())[0])
if len(sys.argv) > 4:
    key = x25519(key, bech32(sys.argv[4]))
plain = sys.stdin.buffer.read()
line = re.search(b"(?m)^# mac ([0-9a-f]{64})\n", plain)
rest = plain[:line.start()] + plain[line.end():]
mac = hmac.digest(derived(key, "handoff wrap v1", sys.argv[2], sys.argv[3]),
                  rest, hashlib.sha256)
sys.exit(0 if mac.hex() == line[1].decode() else "the MAC is another")
