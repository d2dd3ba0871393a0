#!/usr/bin/env python3
"""A network between an edge and a node that loses what comes back.

    halfway.py PORT ADDRESS-FILE

Passes on what is sent to the port that it writes into the file. While a file `deaf` is there, what the node answers goes
nowhere; when the node breaks a connection, it is broken to the edge as well.
"""
import os
import selectors
import socket
import sys

node = ("127.0.0.1", int(sys.argv[1]))
listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[2] + ".new", "w", encoding="ascii") as out:
    out.write(str(listener.getsockname()[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
ways = selectors.DefaultSelector()
ways.register(listener, selectors.EVENT_READ)


def connect():
    edge, _ = listener.accept()
    try:
        far = socket.create_connection(node)
    except OSError: # it is down
        edge.close()
        return
    ways.register(edge, selectors.EVENT_READ, (far, False))
    ways.register(far, selectors.EVENT_READ, (edge, True))


def carry(near, other, answers):
    try:
        data = near.recv(65536)
        if data and not (answers and os.path.exists("deaf")):
            other.sendall(data)
    except OSError:
        data = b""
    if not data:
        for end in (near, other):
            ways.unregister(end)
            end.close()


while True:
    for key, _ in ways.select():
        if key.data is None:
            connect()
        elif key.fileobj.fileno() >= 0: # not closed by its other side just now
            carry(key.fileobj, *key.data)
