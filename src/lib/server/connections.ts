import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/**
 * Bounds the connections of a server. Where there are too many, the one goes that has been without a request for longest: who holds
 * connections and asks nothing does not keep others out.
 */
export function boundConnections(server: Server, most: number): void {
  // In order of last use. A TLS socket and the raw one under it have the same name.
  const open = new Map<string, Connection>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    open.set(name, { socket, requests: 0 });
    socket.once('close', () => open.delete(name));
    if (open.size <= most) return;
    const idle = [...open.values()].find(({ requests }) => requests === 0);
    (idle?.socket ?? socket).destroy();
  });
  server.on('request', (request, response) => {
    const name = nameOf(request.socket);
    const connection = open.get(name);
    if (!connection) return;
    connection.requests++;
    response.once('close', () => {
      connection.requests--;
      if (open.delete(name)) open.set(name, connection);
    });
  });
}

function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
