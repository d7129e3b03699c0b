"""The certificates of the cases in conformance/*.json, made by `openssl` when they are asked for."""

import base64
import datetime
import hashlib
import json
import pathlib
import subprocess

# Name → what it is. "by" signs it (none: itself); "as": it has that one's subject and key; "key",
# "digest", "subject" and "dates"; "extensions": false: none at all; the rest are extensions.
AUTHORITIES = {
    "root": {},
    "stranger": {},
    "expired root": {"dates": "past"},
    "middle": {"by": "root"},
    "upper": {"by": "root"},
    "lower": {"by": "upper"},
    "expired middle": {"by": "root", "dates": "past"},
    "early middle": {"by": "root", "dates": "future"},
    "cross": {"by": "expired root", "as": "root", "dates": "past"},
    "old middle": {"by": "root", "as": "middle", "dates": "past"},
    "middle with another key": {"by": "root", "subject": "middle"},
    "root with another key": {"subject": "root"},
    "first version": {"extensions": False},
    "middle of the first version": {"by": "root", "extensions": False},
    "sha1 root": {"digest": "sha1"},
    "small root": {"key": "rsa1024"},
    "way to a stranger": {"by": "stranger", "as": "root"},
    "sha1 middle": {"by": "root", "digest": "sha1"},
    "small middle": {"by": "root", "key": "rsa1024"},
    "no authority": {"by": "root", "basicConstraints": "critical,CA:FALSE"},
    "no signer": {"by": "root", "keyUsage": "critical,digitalSignature"},
    "server": {"by": "middle", "basicConstraints": "critical,CA:FALSE", "keyUsage": "digitalSignature"},
    "last": {"by": "root", "basicConstraints": "critical,CA:TRUE,pathlen:0"},
    "below the last": {"by": "last"},
    "of clients": {"by": "root", "extendedKeyUsage": "clientAuth"},
    "permitted": {"by": "root", "nameConstraints": "critical,permitted;DNS:permitted.test"},
    "excluded": {"by": "root", "nameConstraints": "critical,excluded;DNS:server.test"},
}

# What every certificate has, and what a leaf has, where it says nothing else.
COMMON = {"subjectKeyIdentifier": "hash", "authorityKeyIdentifier": "keyid"}
LEAF = {"by": "middle", "subject": "server", "subjectAltName": "DNS:server.test,IP:127.0.0.1",
        "basicConstraints": "critical,CA:FALSE"}

NO_EXTENSIONS = {"by", "as", "subject", "dates", "digest", "key", "spoilt", "extensions"}
KEYS = {"ec": ("EC", "ec_paramgen_curve:P-256"), "p521": ("EC", "ec_paramgen_curve:P-521"),
        "ed25519": ("ED25519",), "rsa1024": ("RSA", "rsa_keygen_bits:1024"),
        "rsa2048": ("RSA", "rsa_keygen_bits:2048"), "rsapss": ("RSA-PSS", "rsa_keygen_bits:2048")}
DATES = {"past": (-400, -35), "future": (3000, 3365), "now": (-1, 2),
         "ever": (-1, None)}  # in days from today

CONFIG = """[ca]
default_ca = own
[own]
database = {name}.index
new_certs_dir = .
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
[extensions]
{extensions}
"""


class Certificates:
    """A leaf is an object as a case has it, an authority its name in AUTHORITIES."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._made = {}
        self._keys = set()

    def chain(self, certificates):
        """A file with these, in this order, and one with the key of the first."""
        made = [self._one(certificate) for certificate in certificates]
        together = hashlib.sha256("".join(pem.name for pem, _ in made).encode("ascii")).hexdigest()
        file = self._folder / f"chain-{together[:12]}.pem"
        file.write_text("".join(pem.read_text(encoding="ascii") for pem, _ in made), encoding="ascii")
        return file, made[0][1]

    def _one(self, certificate):
        """Its file, and that of its key."""
        if isinstance(certificate, str):
            plan = {**COMMON, "basicConstraints": "critical,CA:TRUE", "subject": certificate,
                    **AUTHORITIES[certificate]}
            plan["subject"] = plan.get("as", plan["subject"])
            key = self._key(plan.get("as", certificate), plan.get("key", "ec"))
        else:
            plan = {**COMMON, **LEAF, **certificate}
            key = self._key("leaf", plan.get("key", "ec"))
        name = hashlib.sha256(json.dumps([certificate, plan]).encode("utf-8")).hexdigest()[:12]
        if name not in self._made:
            self._made[name] = self._sign(name, plan, key)
        return self._made[name], key

    def _key(self, owner, kind):
        name = f"{owner}-{kind}".replace(" ", "-")
        if name not in self._keys:
            algorithm, *options = KEYS[kind]
            self._openssl("genpkey", "-algorithm", algorithm, "-out", f"{name}.key",
                          *(part for option in options for part in ("-pkeyopt", option)))
            self._openssl("req", "-new", "-key", f"{name}.key", "-subj", "/CN=x", "-out",
                          f"{name}.csr")
            self._keys.add(name)
        return self._folder / f"{name}.key"

    def _sign(self, name, plan, key):
        (self._folder / f"{name}.index").touch()
        lines = [f"{extension} = {filled(value)}" for extension, value in plan.items()
                 if extension not in NO_EXTENSIONS and value is not None]
        (self._folder / f"{name}.cnf").write_text(
            CONFIG.format(name=name, extensions="\n".join(lines)), encoding="utf-8")
        if plan.get("by"):
            signer, signer_key = self._one(plan["by"])
            by = ("-cert", signer, "-keyfile", signer_key)
        else:
            by = ("-selfsign", "-keyfile", key)
        start, end = DATES[plan.get("dates", "now")]
        extensions = ("-extensions", "extensions") if plan.get("extensions", True) else ()
        self._openssl("ca", "-batch", "-notext", "-config", f"{name}.cnf", *extensions,
                      "-md", plan.get("digest", "sha256"), *by, "-in", key.with_suffix(".csr"),
                      "-subj", f"/CN={plan['subject']}", "-startdate", in_days(start),
                      "-enddate", in_days(end), "-out", f"{name}.pem")
        file = self._folder / f"{name}.pem"
        if plan.get("spoilt"):
            spoil(file)
        return file

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self._folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise AssertionError(f"openssl {arguments[0]}: {done.stderr}")


def in_days(days):
    if days is None:  # RFC 5280, section 4.1.2.5
        return "99991231235959Z"
    day = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return day.strftime("%Y%m%d%H%M%SZ")


def filled(value):
    """{"dns": text} as DER, for names that `openssl` does not write: each character is a byte."""
    if isinstance(value, str):
        return value
    name = value["dns"].encode("latin-1")
    names = bytes([0x30, len(name) + 2, 0x82, len(name)]) + name
    return "DER:" + names.hex(":")


def spoil(file):
    """Changes the last bit of a certificate, which is one of its signature."""
    lines = file.read_text(encoding="ascii").split("-----")
    der = bytearray(base64.b64decode(lines[2]))
    der[-1] ^= 1
    lines[2] = "\n" + base64.encodebytes(bytes(der)).decode("ascii")
    file.write_text("-----".join(lines), encoding="ascii")
