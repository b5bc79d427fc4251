"""Run the gateway: `python -m gateway`."""

import uvicorn

from gateway.app import create_app
from gateway.logs import configure
from gateway.settings import GatewaySettings


def server(settings: GatewaySettings) -> uvicorn.Server:
    """The server that `python -m gateway` runs; one process, because breakers, pauses and counts are kept in memory."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def main() -> None:
    """Serve until a signal comes."""
    settings = GatewaySettings()
    configure(settings.log_level)
    server(settings).run()


if __name__ == "__main__":
    main()
