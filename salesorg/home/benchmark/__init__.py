"""Measures the pages people wait for: real requests over the loopback to a real web server, by several roles at once.

The time of a request is what its client waits: from opening the connection to the last byte. That is more than the
server's own time (it holds the connection, the parsing and the waiting for a free worker), so a target met here is met.
Queries are counted apart, in this process, with the same requests.
"""

from .measuring import Measurement, measure
from .server import web_server
from .workload import READ_TARGET, WRITE_TARGET, workload

__all__ = ["READ_TARGET", "WRITE_TARGET", "Measurement", "measure", "web_server", "workload"]
