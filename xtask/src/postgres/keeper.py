"""Keeps a PostgreSQL running for as long as its own standard input is open.

Arguments: the folder of PostgreSQL's programs, the folder of the cluster (made if missing), the
account to run as (empty: our own), "keep" if what is written is wanted again. Prints the folder of
the socket as soon as there is an answer.

PostgreSQL refuses to run as root, and another account cannot get into root's folders: then it runs
on a copy below /tmp, which is put back when it has stopped.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

PATIENCE = 60
programs, cluster, account, keep = sys.argv[1:]
# Loaded now: the other account may not be able to read it.
libc = ctypes.CDLL(None)


def give_up(reason):
    sys.exit(reason)


def alone():
    """Nobody else may have the cluster; who is about to leave is waited for."""
    lock = open(cluster + ".lock", "w")
    for _ in range(PATIENCE * 10):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            time.sleep(0.1)
    give_up(f"Another PostgreSQL runs on {cluster}.")


def end_with_us():
    """However this program ends, its child ends with it, where the system can do that."""
    if sys.platform == "linux":
        libc.prctl(1, signal.SIGINT)


def child(program, *arguments):
    switch = dict(user=account, group=account_group, extra_groups=[]) if account else {}
    return subprocess.Popen(
        [os.path.join(programs, program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=place,
        start_new_session=True,
        preexec_fn=end_with_us,
        **switch,
    )


def hand_over(folder):
    if account:
        for path, _, names in os.walk(folder):
            for name in [path, *(os.path.join(path, name) for name in names)]:
                shutil.chown(name, account, account_group)


def connect(database):
    return psycopg2.connect(host=place, user="synapse", dbname=database)


held = alone()
log = open(cluster + ".log", "w")
if account:
    import grp
    import pwd

    account_group = grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name
# Short, because the path of a socket may not be long; nobody else gets in.
place = tempfile.mkdtemp(prefix="synapse-admin-", dir="/tmp")
data = os.path.join(place, "data") if account else cluster
new = not os.path.exists(os.path.join(cluster, "PG_VERSION"))
try:
    if account and not new:
        shutil.copytree(cluster, data)
    hand_over(place)
    if new:
        # The locale is the one that Synapse demands; it also sorts by bytes, as SQLite does.
        made = child(
            "initdb", "--pgdata", data, "--username=synapse", "--auth=trust", "--locale=C",
            "--encoding=UTF8", "--wal-segsize=1", "--no-sync",
        )
        if made.wait() != 0:
            give_up(f"initdb fails: see {cluster}.log")
    os.chmod(data, 0o700)
    server = child(
        "postgres", "-D", data, "-k", place, "-h", "",
        # What is lost with the machine is made again.
        "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
        "-c", "shared_buffers=64MB", "-c", "max_connections=50", "-c", "jit=off",
    )  # fmt: skip
    stop = threading.Event()

    def until_told():
        while os.read(0, 1):
            pass
        stop.set()

    threading.Thread(target=until_told, daemon=True).start()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())

    since = time.monotonic()
    while not stop.is_set():
        if server.poll() is not None or time.monotonic() - since > PATIENCE:
            server.terminate()
            give_up(f"PostgreSQL does not start: see {cluster}.log")
        try:
            connection = connect("postgres")
            break
        except psycopg2.OperationalError:
            stop.wait(0.05)
    if new and not stop.is_set():
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE synapse")
    if not stop.is_set():
        connection.close()
        print(place, flush=True)
    while server.poll() is None and not stop.wait(1):
        pass
    if server.poll() is None:
        # Ends without waiting for those who are connected, and in good order.
        server.send_signal(signal.SIGINT)
    code = server.wait()
    if account and keep and code == 0:
        shutil.rmtree(cluster, ignore_errors=True)
        shutil.copytree(data, cluster)
    sys.exit(code)
finally:
    shutil.rmtree(place, ignore_errors=True)
