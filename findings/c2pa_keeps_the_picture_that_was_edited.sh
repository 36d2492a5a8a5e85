#!/usr/bin/env bash
# c2pa-python 0.38.1: Builder.add_ingredient(parent, the picture before) and sign(), as an edit's Content Credentials are made.
#
# Expected: the manifest says what the parent was by hash and title (neither ingredient nor manifest is given a thumbnail here), and
# adds a few thousand bytes of claims and certificates.
# Seen: it holds two pictures more: the parent and the result, each scaled to 1,024 pixels, upwards as well. A picture of 600 x 400
# and 15 kB becomes a file of 88 kB (19 kB without them), and what the edit took out of the picture (a person, a name on a door)
# stands in the file of the edited picture, for everybody who reads its manifest.
#
# So it is signed within Context.from_dict({"builder": {"thumbnail": {"enabled": False}}}).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check c2pa-python==0.38.1 cryptography==50.0.2 pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import io
import json
from datetime import UTC, datetime, timedelta

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image, ImageDraw, ImageFilter

PEM, JPEG = serialization.Encoding.PEM, "image/jpeg"


def certified(name, key, issuer, signer):
    """A certificate as C2PA's profile asks for it."""
    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text), x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, text)])

    authority, now, usage = name == issuer, datetime.now(UTC), dict.fromkeys((
        "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    builder = x509.CertificateBuilder(
        named(issuer), named(name), key.public_key(), x509.random_serial_number(), now - timedelta(minutes=5), now + timedelta(hours=1))
    usage |= {"digital_signature": not authority, "key_cert_sign": authority, "crl_sign": authority}
    builder = builder.add_extension(x509.BasicConstraints(authority, None), True).add_extension(x509.KeyUsage(**usage), True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(PEM)


root, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
chain = certified("signer", key, "authority", root) + certified("authority", root, "authority", root)
private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, private, None))


def drawn(plate):
    picture = Image.effect_noise((600, 400), 40).filter(ImageFilter.GaussianBlur(3)).convert("RGB")
    if plate:
        ImageDraw.Draw(picture).rectangle((200, 150, 400, 250), fill=(255, 0, 0))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def signed(before, after, settings):
    builder = c2pa.Builder.from_json(json.dumps({"title": "after"}), c2pa.Context.from_dict(settings))
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    builder.add_ingredient(json.dumps({"title": "before", "relationship": "parentOf"}), JPEG, io.BytesIO(before))
    file = io.BytesIO()
    builder.sign(signer, JPEG, io.BytesIO(after), file)
    return file.getvalue()


def within(file):
    """Size and the colour at the middle of each picture that the newest manifest holds: result's, parent's."""
    reader = c2pa.Reader(JPEG, io.BytesIO(file))
    store = json.loads(reader.json())
    manifest, found = store["manifests"][store["active_manifest"]], {}
    for name, part in (("result", manifest), ("parent", manifest["ingredients"][0])):
        if "thumbnail" in part:
            stream = io.BytesIO()
            reader.resource_to_stream(part["thumbnail"]["identifier"], stream)
            picture = Image.open(stream).convert("RGB")
            red, green, _ = picture.getpixel((picture.width // 2, picture.height // 2))
            found[name] = picture.size, "red" if red > 200 > green else "grey"
    return found


before, after = drawn(plate=True), drawn(plate=False)
seen = {}
for name, settings in (("by default", {}), ("without thumbnails", {"builder": {"thumbnail": {"enabled": False}}})):
    file = signed(before, after, settings)
    seen[name] = within(file)
    print(f"{name}: {len(after):,} bytes become {len(file):,}; pictures in the manifest: {seen[name]}")
assert not seen["without thumbnails"]
assert seen["by default"]["parent"] == ((1024, 683), "red") and seen["by default"]["result"] == ((1024, 683), "grey"), "none now"
PYTHON
echo "seen: as described"
