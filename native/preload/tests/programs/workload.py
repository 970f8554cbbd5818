"""Talks to a memcached: every value that comes back is the one that was put there. Arguments: port, seconds."""
import random, socket, sys, threading, time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
until = time.monotonic() + seconds
requests = [0] * 4


def talk(n):
    rng, connection = random.Random(n), socket.create_connection(("127.0.0.1", port))
    stream, known = connection.makefile("rwb"), {}
    while time.monotonic() < until:
        key = f"{n}-{rng.randrange(2000)}"
        if rng.random() < 0.4:
            value = bytes([rng.randrange(256)]) * rng.randrange(1, 3000)
            stream.write(f"set {key} 0 0 {len(value)}\r\n".encode() + value + b"\r\n")
            stream.flush()
            assert stream.readline() == b"STORED\r\n"
            known[key] = value
        else:
            stream.write(f"get {key}\r\n".encode())
            stream.flush()
            line = stream.readline()
            if line == b"END\r\n":
                assert key not in known, key
                continue
            value = stream.read(int(line.split()[3]))
            assert value == known[key], key
            assert stream.readline() == b"\r\n" and stream.readline() == b"END\r\n"
        requests[n] += 1
    connection.close()


threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
failures = []
threading.excepthook = lambda args: failures.append(repr(args.exc_value))
for t in threads: t.start()
for t in threads: t.join()
print(f"{sum(requests)} requests, {len(failures)} failures {failures[:1] or ''}")
sys.exit(bool(failures))
