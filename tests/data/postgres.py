"""A PostgreSQL server of one's own, in a folder that is thrown away."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")  # the server refuses to run as root


def programs():
    """Folder of initdb and postgres; None where they are not installed."""
    folders = [os.path.dirname(os.path.realpath(shutil.which("postgres") or "/none/postgres"))]
    folders += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return next(
        (folder for folder in folders if all(Path(folder, name).exists() for name in ("initdb", "postgres"))), None
    )


def account():
    """Options of subprocess that make a program run as an unprivileged user."""
    if os.geteuid():
        return {}
    found = next(pwd.getpwnam(name) for name in ACCOUNTS if name in {entry.pw_name for entry in pwd.getpwall()})
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


@contextmanager
def server():
    """Address of a running server; it ends with the block."""
    folder, bin_folder, who = (
        Path(tempfile.mkdtemp(prefix="causalrec-pg-", dir="/tmp")),
        Path(str(programs())),
        account(),
    )
    if who:
        os.chown(folder, who["user"], who["group"])
    options = {**who, "cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    try:
        subprocess.run(
            [bin_folder / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, timeout=60, **options,
        )  # fmt: skip
        with running(bin_folder, folder, options) as port:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(bin_folder, folder, options):
    """Port of a server over `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = ["-p", port, "-k", str(folder), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [bin_folder / "postgres", "-D", folder / "data", *settings], stdout=log, stderr=log, **options
        )
        try:
            wait_for(bin_folder, port)
            yield port
        finally:
            process.send_signal(signal.SIGINT)  # disconnects its clients and stops
            process.wait(timeout=30)


def wait_for(bin_folder, port):
    for _ in range(300):
        if subprocess.run([bin_folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", port]).returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not start within 30 seconds")
