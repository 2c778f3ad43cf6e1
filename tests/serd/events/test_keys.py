"""serd.events.keys: made private, refused where others could have read them, readable by any ZeroMQ."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
import zmq
import zmq.auth
from hypothesis import given
from hypothesis import strategies as st

from serd.errors import ConfigError, SerdError, UsageError
from serd.events.keys import Keyring, default_folder, public_key


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    made = Keyring(tmp_path / "keys")
    made.new()
    return made


def test_new_keys_are_for_this_account_alone(tmp_path: Path):
    before = os.umask(0)
    try:
        made = Keyring(tmp_path / "a" / "keys").new()
    finally:
        os.umask(before)
    assert [path.name for path in made] == ["server.key_secret", "client.key_secret"]
    for path in (tmp_path / "a" / "keys").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((tmp_path / "a" / "keys").stat().st_mode) == 0o700


def test_keys_that_are_there_are_never_replaced(ring: Keyring):
    before = {path: path.read_bytes() for path in ring.folder.rglob("*.key*")}
    assert ring.new() == []
    assert {path: path.read_bytes() for path in ring.folder.rglob("*.key*")} == before


def test_a_pair_is_genuine_and_zeromqs_own_reader_reads_it(ring: Keyring):
    pair = ring.pair("server")
    assert zmq.curve_public(pair.secret) == pair.public
    assert zmq.auth.load_certificate(ring.folder / "server.key_secret") == (pair.public, pair.secret)
    assert zmq.auth.load_certificate(ring.folder / "server.key") == (pair.public, None)
    assert pair.secret.decode() not in repr(pair)


def test_a_file_that_zeromqs_own_tools_made_is_read_once_it_is_private(tmp_path: Path):
    zmq.auth.create_certificates(tmp_path, "client")
    path = tmp_path / "client.key_secret"
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="0644; chmod 600"):
        Keyring(tmp_path).pair("client")
    path.chmod(0o600)
    assert Keyring(tmp_path).pair("client").public == zmq.auth.load_certificate(path)[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o700, 0o666])
def test_a_secret_with_another_mode_is_refused(ring: Keyring, mode: int):
    path = ring.folder / "server.key_secret"
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"{mode:04o}") as fault:
        ring.pair("server")
    assert str(path) in str(fault.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_secret_of_another_account_is_refused(ring: Keyring):
    os.chown(ring.folder / "server.key_secret", 65534, -1)
    with pytest.raises(ConfigError, match="another account"):
        ring.pair("server")


@pytest.mark.parametrize("text", ["", "curve\n", 'public-key = "short"\n', "\0" * 100, "x" * 100_000])
def test_a_damaged_secret_is_one_line_with_the_remedy(ring: Keyring, text: str):
    (ring.folder / "server.key_secret").write_text(text)
    with pytest.raises(ConfigError, match="serd keys") as fault:
        ring.pair("server")
    assert "\n" not in str(fault.value)


def test_a_secret_that_does_not_belong_to_its_public_key_is_damaged(ring: Keyring):
    path = ring.folder / "server.key_secret"
    path.write_text(re.sub(r'secret-key = ".', 'secret-key = "~', path.read_text()).replace("~", "0"))
    with pytest.raises(ConfigError, match="damaged"):
        ring.pair("server")


def test_missing_keys_name_the_command_that_makes_them(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"serd keys --keys \S+ new"):
        Keyring(tmp_path).pair("server")


def test_readers_come_and_go_without_a_restart(ring: Keyring, tmp_path: Path):
    other = Keyring(tmp_path / "other")
    other.new()
    theirs = other.pair("client").public
    own = ring.pair("client").public
    assert ring.allowed() == {own: "self"}
    ring.allow("hall", theirs.decode())
    assert ring.allowed() == {own: "self", theirs: "hall"}
    ring.revoke("hall")
    ring.allow("hall-2", str(other.folder / "client.key"))
    assert ring.allowed() == {own: "self", theirs: "hall-2"}
    with pytest.raises(UsageError, match="hall"):
        ring.revoke("hall")


def test_a_damaged_entry_of_the_list_locks_nobody_else_out(ring: Keyring):
    (ring.folder / "allowed" / "broken.key").write_bytes(b"\xff\xfe")
    assert list(ring.allowed().values()) == ["self"]


def test_a_list_that_others_may_write_is_refused(ring: Keyring):
    (ring.folder / "allowed").chmod(0o777)
    with pytest.raises(ConfigError, match="chmod 700"):
        ring.allowed()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65, "a\nb"])
def test_a_name_cannot_leave_the_folder(ring: Keyring, name: str):
    with pytest.raises(UsageError, match="cannot be used"):
        ring.allow(name, ring.pair("client").public.decode())


def test_a_services_credentials_go_before_the_folder(ring: Keyring, tmp_path: Path):
    """As LoadCredential= lays them down: flat names, an access list's mask in the group's bits."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "server.key_secret").write_bytes((ring.folder / "server.key_secret").read_bytes())
    (credentials / "allowed_hall.key").write_bytes((ring.folder / "client.key").read_bytes())
    (credentials / "server.key_secret").chmod(0o440)
    service = Keyring.from_environment({"CREDENTIALS_DIRECTORY": str(credentials), "HOME": str(tmp_path / "none")})
    assert service.is_made
    assert service.pair("server") == ring.pair("server")
    assert list(service.allowed().values()) == ["hall"]
    (credentials / "server.key_secret").chmod(0o444)
    with pytest.raises(ConfigError, match="0444"):
        service.pair("server")


def test_the_folder_is_the_services_then_xdgs():
    assert default_folder({"CONFIGURATION_DIRECTORY": "/etc/serd", "HOME": "/h"}) == Path("/etc/serd/keys")
    assert default_folder({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}) == Path("/c/serd/keys")
    assert default_folder({"HOME": "/h"}) == Path("/h/.config/serd/keys")


@given(st.one_of(st.text(max_size=60), st.text("0123456789abcdefghijklmnopqrstuvwxyz%$#@!", min_size=40, max_size=40)))
def test_any_text_is_a_key_or_one_line(text: str):
    fault = ""
    try:
        key = public_key(text)
    except SerdError as error:
        fault = str(error)
    assert fault or len(key) == 40
    assert "\n" not in fault


def test_the_commands_do_it_all_and_print_what_the_other_side_needs(run, tmp_path: Path):
    made = run("keys", "new")
    assert made.returncode == 0
    folder = tmp_path / "config" / "serd" / "keys"
    assert stat.S_IMODE((folder / "server.key_secret").stat().st_mode) == 0o600
    server, reader = re.findall("'(.{40})'", made.stdout)
    assert run("keys", "allow", "hall", reader).returncode == 0
    listed = json.loads(run("keys", "list", "--json").stdout)
    assert (listed["server"], listed["client"]) == (server, reader)
    assert reader in listed["allowed"].values()
    assert run("keys", "revoke", "hall").returncode == 0
    for bad in (["keys"], ["keys", "allow", "hall", "nokey"], ["keys", "revoke", "hall"], ["keys", "forge"]):
        done = run(*bad)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr
