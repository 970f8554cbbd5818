import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/** The connections of a server, in order of last use, and never more than `most`. */
export class Connections {
  // A TLS socket and the raw one under it have the same name.
  readonly #open = new Map<string, Connection>();
  #ending = false;

  /**
   * Where there are too many, the one goes that has been without a request for longest: who holds connections and asks nothing does not keep
   * others out.
   */
  constructor(server: Server, most: number) {
    server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#open.set(name, { socket, requests: 0 });
      socket.once('close', () => this.#open.delete(name));
      if (this.#open.size <= most) return;
      const idle = [...this.#open.values()].find(({ requests }) => requests === 0);
      (idle?.socket ?? socket).destroy();
    });
    server.on('request', (request, response) => {
      const name = nameOf(request.socket);
      const connection = this.#open.get(name);
      if (!connection) return;
      connection.requests++;
      response.once('close', () => {
        connection.requests--;
        if (this.#open.delete(name)) this.#open.set(name, connection);
        if (this.#ending) this.#endIdle();
      });
    });
  }

  /** Ends those without a request now, and the others when theirs is answered. */
  end(): void {
    this.#ending = true;
    this.#endIdle();
  }

  #endIdle(): void {
    for (const { socket, requests } of this.#open.values()) if (requests === 0) socket.destroySoon();
  }
}

function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
