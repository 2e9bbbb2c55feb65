"""Servers that others wrote, run as they are: parse and acknowledge, nothing stored.

`python -m tests.bench.peers txhl7|python-hl7 PORT` prints `ready` and serves until it is killed.
"""

import asyncio
import sys


def txhl7(port: int) -> None:
    from twisted.internet import reactor
    from txHL7.mllp import MLLPFactory
    from txHL7.receiver import AbstractHL7Receiver

    class Receiver(AbstractHL7Receiver):  # type: ignore[misc]
        def handleMessage(self, container: object) -> object:
            return container.ack()  # type: ignore[attr-defined]

        def getCodec(self) -> tuple[str, str]:
            return "utf-8", "replace"

    reactor.listenTCP(port, MLLPFactory(Receiver()), interface="127.0.0.1")
    print("ready", flush=True)
    reactor.run()


def python_hl7(port: int) -> None:
    from hl7.mllp import start_hl7_server

    async def serve_one(reader: object, writer: object) -> None:
        while True:
            try:
                message = await reader.readmessage()  # type: ignore[attr-defined]
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            writer.writemessage(message.create_ack())  # type: ignore[attr-defined]
            await writer.drain()  # type: ignore[attr-defined]

    async def serve() -> None:
        server = await start_hl7_server(serve_one, host="127.0.0.1", port=port, limit=4 * 1024 * 1024)
        print("ready", flush=True)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    {"txhl7": txhl7, "python-hl7": python_hl7}[sys.argv[1]](int(sys.argv[2]))
