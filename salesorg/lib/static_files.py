"""How static files are stored in production: each under a name with its hash, so that a browser never mixes two versions."""

from whitenoise.storage import CompressedManifestStaticFilesStorage as Base


class Storage(Base):
    """Also rewrites the imports of our own ES modules: an unhashed `import "./toasts.js"` would meet yesterday's file."""

    support_js_module_import_aggregation = True
    # Django would read every script so, and stop at words in a library that only look like an import.
    _js_module_import_aggregation_patterns = ("js/*.js", Base._js_module_import_aggregation_patterns[1])
