import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  readonly socket: Socket;
  requests: number;
  answered: boolean;
}

/** So long a new client may take to say what it wants: on a busy machine many are accepted before the first of them is heard. */
const PATIENCE_MS = 1_000;

/** The connections of a server, in order of last use: `most` of them, twice as many for a moment, and never more. */
export class Connections {
  // A TLS socket and the raw one under it have the same name.
  readonly #open = new Map<string, Connection>();
  readonly #most: number;
  #timer: NodeJS.Timeout | undefined;
  #ending = false;

  /**
   * Where there are too many, those go that were never answered and ask nothing now, then those that have been without a request for longest:
   * who holds connections and asks nothing does not keep others out.
   * @param most how many may stay open
   * @param patienceMs how long there may be up to twice as many, so that clients which have only just come can ask
   */
  constructor(server: Server, most: number, patienceMs = PATIENCE_MS) {
    this.#most = most;
    server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#open.set(name, { socket, requests: 0, answered: false });
      socket.once('close', () => this.#forget(name, socket));
      if (this.#open.size > 2 * most) this.#endOne(socket);
      if (this.#open.size > most) this.#timer ??= setTimeout(() => this.#endSurplus(), patienceMs).unref();
    });
    server.on('request', (request, response) => {
      const name = nameOf(request.socket);
      const connection = this.#open.get(name);
      if (!connection) return;
      connection.requests++;
      response.once('close', () => {
        connection.requests--;
        connection.answered = true;
        if (this.#open.delete(name)) this.#open.set(name, connection);
        if (this.#ending) this.#endIdle();
      });
    });
  }

  /** Ends those without a request now, and the others when theirs is answered. */
  end(): void {
    this.#ending = true;
    clearTimeout(this.#timer);
    this.#endIdle();
  }

  #endIdle(): void {
    for (const { socket, requests } of this.#open.values()) if (requests === 0) socket.destroySoon();
  }

  #endSurplus(): void {
    this.#timer = undefined;
    while (this.#open.size > this.#most && this.#endOne());
  }

  /** @param otherwise ended where all have a request under way @returns whether there was one to end */
  #endOne(otherwise?: Socket): boolean {
    const idle = [...this.#open.values()].filter(({ requests }) => requests === 0);
    const socket = (idle.find(({ answered }) => !answered) ?? idle[0])?.socket ?? otherwise;
    if (!socket) return false;
    this.#forget(nameOf(socket), socket);
    socket.destroy();
    return true;
  }

  #forget(name: string, socket: Socket): void {
    if (this.#open.get(name)?.socket === socket) this.#open.delete(name);
  }
}

function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
