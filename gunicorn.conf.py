"""How the web processes run, wherever they do; WEB_CONCURRENCY says how many."""

worker_class = "gthread"
workers = 2
threads = 4  # a thread holds a database connection: keep workers × threads well below max_connections
preload_app = True  # one import for all workers: quicker start, less memory; nothing here opens a connection at import
timeout = 60  # seconds a worker may be silent; a hung query is ended earlier, by statement_timeout
graceful_timeout = 10  # seconds for requests in progress at a stop
keepalive = 5
limit_request_line = 8190  # bytes; a long filter in an address would otherwise get a bare page that is not ours
control_socket_disable = True  # it would write to the home folder
